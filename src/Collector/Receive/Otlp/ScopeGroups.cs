using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Collector.Model;
using Collector.Receive.Request;

namespace Collector.Receive.Otlp;

/// <summary>
/// The scope groups of one request, each known by a digest of itself and its resource. The key of the request is made of the
/// sorted digests, because an exporter may build a retry anew: the Rust SDK groups records in a hash map, so that the same
/// records come back in another order of groups.
/// </summary>
/// <remarks>36 bytes for each group that has rows, beside a row's some 150, which the budget counts.</remarks>
internal sealed class ScopeGroups : IDisposable
{
    // A longer resource goes into the digests of its groups as a digest of its own, so that it is read once and not for each of
    // them: 300 scopes of 150 KB cost 150 ms.
    private const int MostReadAgain = 4096;

    private readonly byte[] _resource = new byte[SHA256.HashSizeInBytes];
    private int _resourceAt = -1;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly List<RequestKey> _digests = [];
    private readonly List<int> _rows = [];

    /// <summary>Adds the next group that has rows.</summary>
    /// <param name="rows">How many.</param>
    /// <param name="resourceAt">Where in the body its resource stands.</param>
    /// <param name="resource">What its rows are made of besides the group itself.</param>
    /// <param name="schemaUrl">Of the resource.</param>
    /// <param name="group">The group's whole message.</param>
    public void Add(int rows, int resourceAt, ReadOnlySpan<byte> resource, ReadOnlySpan<byte> schemaUrl, ReadOnlySpan<byte> group)
    {
        // With their lengths, so that no byte can move from one to the other.
        Append(resource.Length);
        _hash.AppendData(resource.Length <= MostReadAgain ? resource : DigestOf(resourceAt, resource));
        Append(schemaUrl.Length);
        _hash.AppendData(schemaUrl);
        _hash.AppendData(group);
        _digests.Add(_hash.End());
        _rows.Add(rows);
    }

    /// <summary>Sets the batch's key, and the order of its groups where it has several. Call it once, at the end.</summary>
    public void Identify(OtlpSignal signal, RowBatch batch)
    {
        var digests = CollectionsMarshal.AsSpan(_digests);
        if (digests.Length > 1)
        {
            var places = new int[digests.Length];
            for (var i = 0; i < places.Length; i++)
            {
                places[i] = i;
            }

            digests.Sort(places.AsSpan());
            batch.GroupOrder = WriteOrder(places, batch.Built);
        }

        Span<byte> bytes = stackalloc byte[RequestKey.Length];
        _hash.AppendData([(byte)signal]);
        foreach (var digest in digests)
        {
            digest.Write(bytes);
            _hash.AppendData(bytes);
        }

        batch.Key = _hash.End();
    }

    public void Dispose() => _hash.Dispose();

    private byte[] DigestOf(int resourceAt, ReadOnlySpan<byte> resource)
    {
        if (resourceAt != _resourceAt)
        {
            SHA256.HashData(resource, _resource);
            _resourceAt = resourceAt;
        }

        return _resource;
    }

    // For each group, in the order in which its rows stand in the batch: its rank among the sorted, and its number of rows.
    private Slice WriteOrder(ReadOnlySpan<int> places, ByteBuffer built)
    {
        var ranks = new int[places.Length];
        for (var rank = 0; rank < places.Length; rank++)
        {
            ranks[places[rank]] = rank;
        }

        var start = built.Length;
        for (var i = 0; i < ranks.Length; i++)
        {
            AppendVarint(built, (uint)ranks[i]);
            AppendVarint(built, (uint)_rows[i]);
        }

        return Slice.OfBuilt(start, built.Length - start);
    }

    private static void AppendVarint(ByteBuffer target, uint value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            target.Append((byte)(value | 0x80));
        }

        target.Append((byte)value);
    }

    private void Append(int length)
    {
        Span<byte> bytes = stackalloc byte[sizeof(int)];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(bytes, length);
        _hash.AppendData(bytes);
    }
}
