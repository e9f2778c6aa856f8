using System.Text.Json;
using Collector.Model;
using Collector.Receive.Otlp;
using Collector.Receive.Request;

namespace Collector.Tests.Receive.Otlp;

/// <summary>A captured request: see the README beside the files.</summary>
internal sealed record Fixture(string Name, OtlpSignal Signal, bool IsJson, byte[] Message, JsonElement Meta)
{
    private const int GrpcPrefix = 5;

    public static string Folder { get; } = FindFolder();

    public static IEnumerable<string> Names => Directory
        .EnumerateFiles(Folder, "*.meta.json", SearchOption.AllDirectories)
        .Select(file => Path.GetRelativePath(Folder, file).Replace(".meta.json", "", StringComparison.Ordinal))
        .Order(StringComparer.Ordinal);

    public static Fixture Load(string name)
    {
        var path = Path.Combine(Folder, name);
        var meta = JsonDocument.Parse(File.ReadAllBytes(path + ".meta.json")).RootElement;
        var bytes = File.ReadAllBytes(path + ".bin");
        var isGrpc = meta.GetProperty("contentType").GetString() == "application/grpc";
        var isCompressed = !isGrpc || bytes[0] == 1;
        bytes = isGrpc ? bytes[GrpcPrefix..] : bytes;
        var signal = meta.GetProperty("signal").GetString() == "logs" ? OtlpSignal.Logs : OtlpSignal.Traces;
        var isJson = meta.GetProperty("contentType").GetString() == "application/json";
        return new Fixture(name, signal, isJson, isCompressed ? Inflate(bytes, meta.GetProperty("contentEncoding").GetString()) : bytes, meta);
    }

    public Decoded Decode() => IsJson ? Decoded.OfJson(Signal, Message) : Decoded.Of(Signal, Message);

    private static byte[] Inflate(byte[] bytes, string? encoding)
    {
        Codings.TryReadHttp(encoding, out var applied).ShouldBeTrue();
        var compressed = new ByteBuffer(Unbounded.Instance, bytes.Length);
        compressed.Append(bytes);
        var (result, message) = Codings.Inflate(applied, compressed, Unbounded.Instance, int.MaxValue - 1);
        using (message)
        {
            result.ShouldBe(ReceiveResult.Ok);
            return message.Written.ToArray();
        }
    }

    private static string FindFolder()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder!.FullName, "Collector.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder.FullName, "tests", "fixtures", "otlp");
    }
}
