using System.Text;

namespace Collector.Tests.Support;

/// <summary>Sends numbered requests over a connection of its own; the same number is the same bytes.</summary>
internal sealed class Producer(string worker = "producer", int records = 1) : IDisposable
{
    private readonly Wire _wire = new();

    /// <summary>The messages of a request.</summary>
    public IEnumerable<string> Messages(int number) => Enumerable.Range(0, records).Select(i => $"number {number}.{i}");

    /// <summary>Null where the connection broke, so that nobody knows.</summary>
    public async Task<GrpcReply?> SendAsync(CollectorProcess collector, int number, int padding = 0)
    {
        try
        {
            return await _wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(Body(number, padding)));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    public async Task<bool> IsAcknowledgedAsync(CollectorProcess collector, int number, int padding = 0) =>
        (await SendAsync(collector, number, padding))?.Status == 0;

    public Task<(int Status, string Text, System.Net.Http.Headers.HttpResponseHeaders Headers)> SendHttpAsync(CollectorProcess collector, int number) =>
        _wire.HttpAsync(collector.Http, "/v1/logs", Body(number), "application/x-protobuf");

    public byte[] Body(int number, int padding = 0)
    {
        // Text that no compression makes small.
        var pad = new byte[padding];
        new Random(number).NextBytes(pad);
        var more = padding == 0 ? [] : OtlpMessage.Attribute(6, "pad", Encoding.Latin1.GetString(pad.Select(b => (byte)('a' + (b % 26))).ToArray()));
        return OtlpMessage.Logs(worker, [.. Messages(number).Select((message, i) =>
            OtlpMessage.Record(Batches.Noon + ((ulong)number * 1_000) + (ulong)i, message, more))]);
    }

    /// <summary>Whether a reply tells the producer to try again.</summary>
    public static bool SaysRetry(GrpcReply reply) => reply.Status == 14 && Encoding.UTF8.GetString(reply.Details).Contains("RetryInfo", StringComparison.Ordinal);

    public void Dispose() => _wire.Dispose();
}
