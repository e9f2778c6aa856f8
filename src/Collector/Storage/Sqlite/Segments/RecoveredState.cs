using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>Reads what the segments keep besides rows. Needs no index, so it does not wait for one.</summary>
internal static class RecoveredState
{
    private const long FirstFormat = 1;

    /// <summary>
    /// Accounts and streams come from the newest segment, which took over those of all before it. Where it can't be read, and
    /// in files of format 1, of which not every one took them over, those before it count too.
    /// </summary>
    /// <param name="catalog">The segments.</param>
    /// <param name="keysSinceNanos">Only keys of requests received at or after this time.</param>
    /// <param name="streamsSinceNanos">Only streams seen at or after this time.</param>
    /// <param name="unreadable">Told of each segment that can't be read.</param>
    public static StoreMemory Recall(
        Catalog catalog, ulong keysSinceNanos, ulong streamsSinceNanos, Action<Segment, SqliteException> unreadable)
    {
        var accounts = new Dictionary<string, AccountRecord>(StringComparer.Ordinal);
        var streams = new Dictionary<string, StreamMark>(StringComparer.Ordinal);
        var keys = new List<(RequestKey Key, ulong ReceivedNanos)>();
        var segments = catalog.Segments;
        var isKnown = false;
        for (var i = segments.Length - 1; i >= 0 && !isKnown; i--)
        {
            // Newest first: what an older segment keeps of a producer or a stream gives way.
            isKnown = TryRead(segments[i], reader => ReadKept(reader.Connection, streamsSinceNanos, accounts, streams), unreadable)
                && segments[i].Format > FirstFormat;
        }

        // An unsealed segment's last row may be an old one, back from the spool, behind newer ones.
        foreach (var segment in segments.Where(s => s.State != SegmentState.Sealed || s.LastArrivalNanos >= keysSinceNanos))
        {
            TryRead(segment, reader => ReadKeys(reader.Connection, keysSinceNanos, keys), unreadable);
        }

        return new StoreMemory([.. accounts.Values], keys, [.. streams.Values]);
    }

    /// <summary>The accounts and streams that one segment keeps.</summary>
    /// <exception cref="SqliteException">They can't be read.</exception>
    public static StoreMemory Carried(SqliteConnection connection, ulong streamsSinceNanos)
    {
        var accounts = new Dictionary<string, AccountRecord>(StringComparer.Ordinal);
        var streams = new Dictionary<string, StreamMark>(StringComparer.Ordinal);
        ReadKept(connection, streamsSinceNanos, accounts, streams);
        return new StoreMemory([.. accounts.Values], [], [.. streams.Values]);
    }

    /// <exception cref="SqliteException">A segment can't be read.</exception>
    public static bool Contains(Catalog catalog, LogId id, Action<Segment, SqliteException>? damaged = null)
    {
        var text = id.ToString();
        var segments = catalog.Segments;
        var isHere = false;
        // Newest first: that is where it will be.
        for (var i = segments.Length - 1; i >= 0 && !isHere; i--)
        {
            if (segments[i].Contents?.MayContain(text) != false)
            {
                Read(segments[i], reader => isHere = reader.Contains(Encoding.ASCII.GetBytes(text)), damaged);
            }
        }

        return isHere;
    }

    // Nothing where the segment is gone, and where it can't be read, which somebody is told: what stands there is lost or on
    // its way into another file, and nobody can wait for it. By way of its readers, so that its file is not switched meanwhile: to open it in
    // that moment fails.
    private static void Read(Segment segment, Action<SegmentReader> read, Action<Segment, SqliteException>? damaged)
    {
        SegmentReader? reader = null;
        try
        {
            if (segment.Readers.TryRent(out reader))
            {
                read(reader);
                segment.Readers.Return(reader);
            }
        }
        catch (SqliteException e)
        {
            if (reader is not null)
            {
                segment.Readers.Discard(reader);
            }

            if (damaged is null || !SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
            {
                throw;
            }

            damaged(segment, e);
        }
    }

    private static bool TryRead(Segment segment, Action<SegmentReader> read, Action<Segment, SqliteException> unreadable)
    {
        try
        {
            Read(segment, read, damaged: null);
            return true;
        }
        catch (SqliteException e)
        {
            unreadable(segment, e);
            return false;
        }
    }

    private static void ReadKept(
        SqliteConnection connection, ulong streamsSinceNanos, Dictionary<string, AccountRecord> accounts, Dictionary<string, StreamMark> streams)
    {
        ReadAccounts(connection, accounts);
        ReadStreams(connection, streamsSinceNanos, streams);
    }

    private static void ReadAccounts(SqliteConnection connection, Dictionary<string, AccountRecord> accounts)
    {
        using var rows = connection.Prepare(Sql.Get("read_accounts"));
        while (rows.Read())
        {
            var name = rows.String(0);
            accounts.TryAdd(name, new AccountRecord(name, rows.String(1)));
        }
    }

    private static void ReadStreams(SqliteConnection connection, ulong sinceNanos, Dictionary<string, StreamMark> streams)
    {
        if (!connection.HasTable("tail_streams"))
        {
            return; // Sealed before there were any.
        }

        using var rows = connection.Prepare(Sql.Get("recent_streams"));
        rows.BindTime(1, sinceNanos);
        while (rows.Read())
        {
            var id = rows.String(0);
            streams.TryAdd(id, new StreamMark(
                id, (ulong)rows.Integer(1), RangesOf(rows.String(2)), Timestamps.FromColumn(rows.Text(3))));
        }
    }

    private static List<SequenceRange> RangesOf(string text)
    {
        var ranges = new List<SequenceRange>();
        foreach (var part in text.AsSpan().Split(' '))
        {
            if (SequenceRange.TryParse(text.AsSpan()[part], out var range))
            {
                ranges.Add(range);
            }
        }

        return ranges;
    }

    private static void ReadKeys(
        SqliteConnection connection, ulong sinceNanos, List<(RequestKey Key, ulong ReceivedNanos)> keys)
    {
        using var rows = connection.Prepare(Sql.Get("recent_requests"));
        rows.BindTime(1, sinceNanos);
        while (rows.Read())
        {
            if (rows.Text(0) is { Length: RequestKey.Length } key)
            {
                keys.Add((RequestKey.Of(key), Timestamps.FromColumn(rows.Text(1))));
            }
        }
    }
}
