using Collector.Model;
using Microsoft.Extensions.Primitives;

namespace Collector.Receive.Request;

/// <summary>
/// Every compression that is understood, once, for all transports. A forwarder whose compression is not understood drops
/// every batch for good, so these are all that the OpenTelemetry Collector's exporters can be set to.
/// </summary>
internal static class Codings
{
    private const string Identity = "identity";

    // A proxy may compress what was compressed; more is a mistake, or an attempt to make us work.
    private const int MaxApplied = 2;

    private static readonly Coding[] _all =
    [
        new("gzip", ["x-gzip"], IsForGrpc: true, Gzip.Inflate),
        new("zstd", [], IsForGrpc: true, Zstd.Inflate),
        new("snappy", ["x-snappy-framed"], IsForGrpc: true, Snappy.Inflate),
        new("deflate", ["zlib"], IsForGrpc: true, Deflate.Inflate),
        new("lz4", [], IsForGrpc: false, Lz4.Inflate),
    ];

    /// <summary>The names, as <c>Accept-Encoding</c> lists them.</summary>
    public static string ForHttp { get; } = string.Join(", ", _all.SelectMany(static coding => coding.Aliases.Prepend(coding.Name)));

    /// <summary>The names, as <c>grpc-accept-encoding</c> lists them.</summary>
    public static string ForGrpc { get; } =
        string.Join(",", _all.Where(static coding => coding.IsForGrpc).Select(static coding => coding.Name).Prepend(Identity));

    /// <summary>
    /// Reads <c>Content-Encoding</c>: a list, in the order in which they were applied. False where one is not understood,
    /// or where they are too many. Source: RFC 9110, 8.4.
    /// </summary>
    public static bool TryReadHttp(StringValues header, out IReadOnlyList<Coding> applied)
    {
        applied = [];
        foreach (var value in header)
        {
            foreach (var range in value.AsSpan().Split(','))
            {
                var name = value.AsSpan()[range].Trim();
                if (name.IsEmpty || name.Equals(Identity, StringComparison.OrdinalIgnoreCase))
                {
                    continue;
                }

                if (applied.Count == MaxApplied || Find(name) is not { } coding)
                {
                    return false;
                }

                applied = applied.Count == 0 ? coding.Alone : [.. applied, coding];
            }
        }

        return true;
    }

    /// <summary>Reads <c>grpc-encoding</c>: one name. False where it is not understood; null where nothing is compressed.</summary>
    public static bool TryReadGrpc(StringValues header, out Coding? coding)
    {
        coding = null;
        var name = header.Count == 0 ? Identity : header.ToString();
        if (name.Equals(Identity, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        coding = Find(name) is { IsForGrpc: true } known ? known : null;
        return coding is not null;
    }

    /// <summary>
    /// Inflates and frees the compressed bytes, the last coding first. The message is the caller's to dispose, whatever
    /// the result.
    /// </summary>
    public static (ReceiveResult Result, ByteBuffer Message) Inflate(
        IReadOnlyList<Coding> applied, ByteBuffer compressed, IByteAllowance allowance, int limit)
    {
        var (result, message) = (ReceiveResult.Ok, compressed);
        for (var i = applied.Count - 1; i >= 0 && result.IsOk; i--)
        {
            (result, message) = Inflate(applied[i], message, allowance, limit);
        }

        return (result, message);
    }

    private static (ReceiveResult Result, ByteBuffer Message) Inflate(
        Coding coding, ByteBuffer compressed, IByteAllowance allowance, int limit)
    {
        // Senders that always name their compression send nothing for nothing.
        if (compressed.Length == 0)
        {
            return (ReceiveResult.Ok, compressed);
        }

        using (compressed)
        {
            var message = ByteBuffer.ForBody(allowance);
            using var into = new Inflation(message, allowance, limit);
            try
            {
                return (coding.Inflate(compressed.WrittenMemory, into), message);
            }
            catch (OutOfMemoryException)
            {
                message.Dispose();
                throw;
            }
            catch (Exception error) when (error is not OutOfMemoryException)
            {
                // Each library has exceptions of its own for what is damaged, down to those of its arrays.
                return (ReceiveResult.BadData($"the {coding.Name} data is damaged: {error.Message}"), message);
            }
        }
    }

    private static Coding? Find(ReadOnlySpan<char> name)
    {
        foreach (var coding in _all)
        {
            if (coding.IsCalled(name))
            {
                return coding;
            }
        }

        return null;
    }
}
