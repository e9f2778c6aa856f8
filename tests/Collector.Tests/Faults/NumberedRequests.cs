using Collector.Tests.Support;

namespace Collector.Tests.Faults;

/// <summary>
/// What one producer sends: requests by number, of some records each with a name of its own; the same number is the same
/// bytes.
/// </summary>
internal sealed class NumberedRequests(string worker, int minRecords = 1, int maxRecords = 20, int padding = 0)
{
    public IReadOnlyList<string> Messages(int number)
    {
        var count = minRecords + (number * 7919 % (maxRecords - minRecords + 1));
        return [.. Enumerable.Range(0, count).Select(i => $"{worker} {number}.{i}")];
    }

    /// <summary>An ExportLogsServiceRequest.</summary>
    public byte[] Body(int number)
    {
        byte[][] more = padding == 0 ? [] : [OtlpMessage.Attribute(6, "pad", Pad(number))];
        return OtlpMessage.Logs(worker, [.. Messages(number).Select((message, i) =>
            OtlpMessage.Record(Batches.Noon + ((ulong)number * 1_000) + (ulong)i, message, more))]);
    }

    // Letters that no compression makes small.
    private string Pad(int number)
    {
        var random = new Random(number);
        return string.Create(padding, random, static (text, random) =>
        {
            for (var i = 0; i < text.Length; i++)
            {
                text[i] = (char)('a' + random.Next(26));
            }
        });
    }
}
