using Collector.Tests.Support;

namespace Collector.Tests.Browser;

/// <summary>
/// Rows that really were refused, and rows that really were lost: a locked store, a queue and a spool too small for what
/// comes meanwhile.
/// </summary>
internal static class Losses
{
    public const string Worker = "importer";
    public const string Correlation = "import-1";

    private const int Requests = 120;
    private const int RowsOfARequest = 50;

    /// <summary>Leaves the folder with a gap, and with a request of that worker that lasted over the gap.</summary>
    public static async Task MakeAsync(string folder)
    {
        await RefuseAsync(folder);
        await using var collector = await CollectorProcess.StartOnAsync(
            folder, "--Ingest:Acknowledge=Queued", "--Queue:Capacity=20", "--Spool:MaxBytes=1048576");
        var from = Now();
        using var wire = new Wire();
        using (await DatabaseLock.TakeAsync(folder))
        {
            await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => SendAsync(wire, collector)));
        }

        (await collector.SettledAsync()).Dropped.ShouldBePositive();
        await wire.GrpcAsync(collector.Grpc, Wire.TracesMethod, Wire.Frame(OtlpMessage.Logs(Worker, OtlpMessage.Bytes(
            2,
            OtlpMessage.Bytes(1, [.. Enumerable.Repeat((byte)0xAB, 16)]),
            OtlpMessage.Bytes(2, [.. Enumerable.Repeat((byte)0xCD, 8)]),
            OtlpMessage.Text(5, "import"),
            OtlpMessage.Varint(6, 2),
            OtlpMessage.Fixed64(7, from),
            OtlpMessage.Fixed64(8, Now()),
            OtlpMessage.Attribute(9, "correlation_id", Correlation)))));
        await collector.SettledAsync();
        await collector.TerminateAsync();
    }

    private static async Task RefuseAsync(string folder)
    {
        await using var collector = await CollectorProcess.StartOnAsync(folder, "--Queue:Capacity=4", "--Spool:MaxBytes=1048576");
        using var wire = new Wire();
        using (await DatabaseLock.TakeAsync(folder))
        {
            await Task.WhenAll(Enumerable.Range(0, 40).Select(i => SendOneAsync(wire, collector, i, padding: 2_000)));
        }

        (await collector.SettledAsync()).Refused.ShouldBePositive();
        await collector.TerminateAsync();
    }

    private static async Task SendAsync(Wire wire, CollectorProcess collector)
    {
        for (var request = 0; request < Requests; request++)
        {
            await SendOneAsync(wire, collector, request, padding: 200);
        }
    }

    private static Task<GrpcReply> SendOneAsync(Wire wire, CollectorProcess collector, int request, int padding)
    {
        var records = Enumerable.Range(0, RowsOfARequest).Select(i => OtlpMessage.Record(
            Now(), $"line {(request * RowsOfARequest) + i} is imported", OtlpMessage.Attribute(6, "line", new string('x', padding)))).ToArray();
        return wire.GrpcAsync(collector.Grpc, Wire.LogsMethod, Wire.Frame(OtlpMessage.Logs(Worker, records)));
    }

    private static ulong Now() => (ulong)TimeProvider.System.GetUtcNow().ToUnixTimeMilliseconds() * 1_000_000;
}
