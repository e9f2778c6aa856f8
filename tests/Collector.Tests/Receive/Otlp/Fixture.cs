using System.IO.Compression;
using System.Text.Json;
using Collector.Receive.Otlp;

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
        var isGzip = isGrpc ? bytes[0] == 1 : bytes is [0x1f, 0x8b, ..];
        bytes = isGrpc ? bytes[GrpcPrefix..] : bytes;
        var signal = meta.GetProperty("signal").GetString() == "logs" ? OtlpSignal.Logs : OtlpSignal.Traces;
        var isJson = meta.GetProperty("contentType").GetString() == "application/json";
        return new Fixture(name, signal, isJson, isGzip ? Inflate(bytes) : bytes, meta);
    }

    public Decoded Decode() => IsJson ? Decoded.OfJson(Signal, Message) : Decoded.Of(Signal, Message);

    private static byte[] Inflate(byte[] bytes)
    {
        using var inflated = new MemoryStream();
        using var gzip = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        gzip.CopyTo(inflated);
        return inflated.ToArray();
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
