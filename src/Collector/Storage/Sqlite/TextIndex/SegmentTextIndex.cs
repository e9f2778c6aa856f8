using System.Buffers.Binary;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>What is known of a sealed segment's text index before its bits are read.</summary>
/// <param name="Stripes">How many it has.</param>
/// <param name="Folding">How letters were folded for it.</param>
internal sealed record SegmentTextIndex(int Stripes, long Folding)
{
    /// <summary>Null where there is none, or none that this program can use for all of the segment's rows.</summary>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public static SegmentTextIndex? Read(SqliteConnection connection, long rows)
    {
        if (!connection.HasTable("tail_text_stripes"))
        {
            return null;
        }

        using var stripes = connection.Prepare(Sql.Get("text_stripes"));
        var (count, folding, last, isUsable) = (0, 0L, 0L, true);
        for (; stripes.Read(); count++)
        {
            isUsable &= stripes.Integer(0) == TextPlaces.Format && (count == 0 || folding == stripes.Integer(1));
            folding = stripes.Integer(1);
            last = stripes.Integer(2);
        }

        return isUsable && count > 0 && last == rows ? new SegmentTextIndex(count, folding) : null;
    }

    /// <summary>The blocks that may hold the text: all, where the index can't tell.</summary>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public List<TextSpan> Find(SegmentReader reader, TextKey? key)
    {
        key = key is { IsAscii: false } && Folding != TextFolding.Fingerprint ? null : key;
        var found = new List<TextSpan>();
        for (var stripe = 0; stripe < Stripes; stripe++)
        {
            var number = stripe;
            var blocks = key?.Find(place => SliceOf(reader, number, place)) ?? UInt128.MaxValue;
            if (blocks != UInt128.Zero)
            {
                AddBlocks(reader, stripe, blocks, found);
            }
        }

        return found;
    }

    private static UInt128 SliceOf(SegmentReader reader, int stripe, uint place)
    {
        var slices = reader.Prepared("text_slices");
        slices.Bind(1, ((long)stripe * TextStripe.Groups) + (place / TextStripe.PlacesInGroup));
        var slice = slices.Read() ? TextStripe.SliceOf(slices.Text(0), place) : UInt128.Zero;
        slices.Reset();
        return slice;
    }

    private static void AddBlocks(SegmentReader reader, int stripe, UInt128 wanted, List<TextSpan> found)
    {
        var blocks = reader.Prepared("text_blocks");
        blocks.Bind(1, stripe);
        if (blocks.Read())
        {
            var last = blocks.Integer(0);
            var entries = blocks.Text(1);
            // From the last to the first: the stripe says where it ends.
            for (var block = (entries.Length / TextStripe.EntryLength) - 1; block >= 0; block--)
            {
                var entry = entries.Slice(block * TextStripe.EntryLength, TextStripe.EntryLength);
                var first = last - BinaryPrimitives.ReadInt32LittleEndian(entry) + 1;
                if ((wanted >> block & UInt128.One) != UInt128.Zero)
                {
                    var times = entry[sizeof(int)..];
                    found.Add(new TextSpan(
                        first, last, BinaryPrimitives.ReadUInt64LittleEndian(times), BinaryPrimitives.ReadUInt64LittleEndian(times[sizeof(ulong)..])));
                }

                last = first - 1;
            }
        }

        blocks.Reset();
    }
}
