using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace Collector.Hosting;

/// <summary>One file of the dashboard, as it is sent: plain and compressed beforehand.</summary>
/// <param name="ContentType">Media type.</param>
/// <param name="Tag">ETag: changes with the content.</param>
/// <param name="IsNamedByContent">Its name changes with its content, so that a browser may keep it for ever.</param>
/// <param name="Plain">Not compressed.</param>
/// <param name="Brotli">Brotli, for clients that accept it.</param>
/// <param name="Gzip">Gzip, for the others: browsers accept Brotli only over HTTPS or from this machine.</param>
internal sealed record DashboardFile(
    string ContentType, string Tag, bool IsNamedByContent, byte[] Plain, byte[] Brotli, byte[] Gzip)
{
    private const string Prefix = "dashboard/";

    /// <summary>All files by path; empty where the executable was built without Node.js.</summary>
    public static FrozenDictionary<string, DashboardFile> ReadAll(Assembly assembly)
    {
        var names = assembly.GetManifestResourceNames().Where(name => name.StartsWith(Prefix, StringComparison.Ordinal)).ToHashSet();
        return names.Where(name => names.Contains(name + ".gz"))
            .ToFrozenDictionary(name => "/" + name[Prefix.Length..], name => Read(assembly, name));
    }

    private static DashboardFile Read(Assembly assembly, string name)
    {
        var plain = Bytes(assembly, name);
        var tag = $"\"{Convert.ToHexStringLower(SHA256.HashData(plain).AsSpan(0, 12))}\"";
        var isNamedByContent = name.StartsWith(Prefix + "assets/", StringComparison.Ordinal);
        return new DashboardFile(
            TypeOf(name), tag, isNamedByContent, plain, Bytes(assembly, name + ".br"), Bytes(assembly, name + ".gz"));
    }

    private static byte[] Bytes(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{name} is not embedded.");
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
