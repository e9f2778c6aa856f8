using System.Text;
using Collector.Tests.Support;

namespace Collector.Tests.EndToEnd;

/// <summary>
/// Small requests that ask for much work. Each is compressed once; what makes it another than the one before is a member of its
/// own of the gzip.
/// </summary>
internal sealed class Amplifiers
{
    private const string Protobuf = "application/x-protobuf";
    private const string Json = "application/json";

    private readonly List<(string Path, string Type, byte[] Gzip)> _all =
    [
        ("/v1/logs", Protobuf, Wire.Gzip(Empty(200_000))),
        ("/v1/logs", Protobuf, Wire.Gzip(Scopes(50_000, 200))),
        ("/v1/traces", Protobuf, Wire.Gzip(LongName())),
        ("/v1/logs", Protobuf, Wire.Gzip(Braces(20_000))),
        ("/v1/tail", Json, Wire.Gzip(Deep())),
        ("/v1/logs", Protobuf, Wire.Gzip(Workers(300))),
        ("/v1/logs", Json, Wire.Gzip(Encoding.ASCII.GetBytes($"{{\"resourceLogs\":[{new string('[', 60)}{new string(' ', 2_000_000)}"))),
        ("/v1/logs", Protobuf, Wire.Gzip(new byte[60_000_000])),
    ];

    /// <summary>The path, the type and the compressed body of a turn.</summary>
    public (string Path, string Type, byte[] Body) Of(int turn, ulong now)
    {
        var (path, type, gzip) = _all[turn % _all.Count];
        // A JSON text may begin with blanks; a message of protobuf is joined to another by standing behind it.
        var more = type == Json ? Encoding.ASCII.GetBytes(new string(' ', turn % 1_000))
            : OtlpMessage.Logs("amplifier", OtlpMessage.Record(now, $"{turn}"));
        return (path, type, type == Json ? [.. Wire.Gzip(more), .. gzip] : [.. gzip, .. Wire.Gzip(more)]);
    }

    private static byte[] Empty(int records)
    {
        var scope = new byte[records * 2];
        for (var i = 0; i < scope.Length; i += 2)
        {
            scope[i] = 0x12;
        }

        return OtlpMessage.Bytes(1, OtlpMessage.Bytes(2, scope));
    }

    private static byte[] Scopes(int bytesOfResource, int scopes) => OtlpMessage.Bytes(
        1,
        [
            OtlpMessage.Bytes(1, OtlpMessage.Attribute(1, "text", new string('x', bytesOfResource))),
            .. Enumerable.Range(0, scopes).Select(static i =>
                OtlpMessage.Bytes(2, OtlpMessage.Bytes(1, OtlpMessage.Text(1, $"s{i}")), OtlpMessage.Record(0, "y"))),
        ]);

    private static byte[] LongName() => OtlpMessage.Bytes(1, OtlpMessage.Bytes(2, OtlpMessage.Bytes(
        2, [OtlpMessage.Text(5, new string('n', 100_000)), .. Enumerable.Range(0, 1_000).Select(static _ => OtlpMessage.Bytes(11, OtlpMessage.Text(2, "exception")))])));

    private static byte[] Braces(int count) => OtlpMessage.Logs("braces", OtlpMessage.Record(
        0, string.Concat(Enumerable.Repeat("{zzzzz}", count)), [.. Enumerable.Range(0, count / 4).Select(static _ => OtlpMessage.Attribute(6, "yyyyy", "v"))]));

    private static byte[] Workers(int count) =>
        [.. Enumerable.Range(0, count).SelectMany(static i => OtlpMessage.Logs($"worker-{i}", OtlpMessage.Record(0, "x")))];

    private static byte[] Deep() => Encoding.ASCII.GetBytes(
        $$"""[{"scriptName":"n","logs":[{"level":"log","message":["a",{{new string('[', 60)}}{{new string(' ', 2_000_000)}}0{{new string(']', 60)}}]}]}]""");
}
