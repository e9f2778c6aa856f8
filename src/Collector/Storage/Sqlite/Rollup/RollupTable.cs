using System.Buffers;
using System.Text;
using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Collector.Storage.Sqlite.Segments;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Rollup;

/// <summary>The figures of a segment in its table <c>tail_rollups</c>.</summary>
internal static class RollupTable
{
    /// <summary>Writes all of them, within the caller's transaction; null: the table stays empty.</summary>
    /// <exception cref="SqliteException">A row can't be written.</exception>
    public static void Write(SqliteConnection connection, HotRollup? rollup)
    {
        connection.Execute(Sql.Get("tail_rollups"));
        if (rollup is null)
        {
            return;
        }

        using var insert = connection.Prepare(Sql.Get("insert_rollup"));
        var latency = new ArrayBufferWriter<byte>();
        foreach (var (step, key, figures) in rollup.Everything())
        {
            latency.ResetWrittenCount();
            Bind(insert, step, key, figures, latency);
            insert.Execute();
        }
    }

    /// <summary>Adds up the figures of a range; false where there are none by the minute.</summary>
    /// <exception cref="SqliteException">They can't be read.</exception>
    public static bool TryCollect(SqliteConnection connection, int step, RollupScope scope)
    {
        if (!HasAny(connection))
        {
            return false;
        }

        using var rows = connection.Prepare(Sql.Get("rollups_between"));
        rows.Bind(1, step);
        rows.Bind(2, (long)scope.FromSeconds);
        rows.Bind(3, (long)scope.ToSeconds);
        var workers = new WorkerCache();
        while (rows.Read())
        {
            var key = new RollupKey((ulong)rows.Integer(0), workers.Of(rows.Text(1)), Names.KindOf(rows.Text(2)));
            if (scope.Takes(key))
            {
                Add(rows, scope.StepOf(key));
            }
        }

        return true;
    }

    /// <summary>The latest event time of each worker.</summary>
    /// <exception cref="SqliteException">They can't be read.</exception>
    public static Dictionary<string, ulong> Workers(SqliteConnection connection)
    {
        var found = new Dictionary<string, ulong>(StringComparer.Ordinal);
        if (HasAny(connection))
        {
            using var rows = connection.Prepare(Sql.Get("rollup_workers"));
            rows.Bind(1, HotRollup.SecondsPerHour);
            while (rows.Read())
            {
                found[rows.String(0)] = (ulong)rows.Integer(1);
            }
        }

        return found;
    }

    /// <summary>Whether they were kept.</summary>
    /// <exception cref="SqliteException">They can't be read.</exception>
    public static bool HasAny(SqliteConnection connection)
    {
        using var has = connection.Prepare(Sql.Get("has_rollups"));
        return has.Read() && has.Integer(0) != 0;
    }

    private static void Bind(SqliteStatement insert, int step, in RollupKey key, MetricsPoint figures, ArrayBufferWriter<byte> latency)
    {
        insert.Bind(1, step);
        insert.Bind(2, (long)key.Seconds);
        insert.Bind(3, key.Worker);
        insert.Bind(4, Names.Utf8(key.Kind));
        insert.Bind(5, figures[Level.Debug]);
        insert.Bind(6, figures[Level.Info]);
        insert.Bind(7, figures[Level.Warn]);
        insert.Bind(8, figures[Level.Error]);
        insert.Bind(9, figures.CpuMs);
        insert.Bind(10, (long)figures.LastNanos);
        if (figures.Latency is { } durations)
        {
            durations.Write(latency);
            insert.Bind(11, durations.Max);
            insert.BindBlob(12, latency.WrittenSpan);
        }
        else
        {
            insert.BindNull(11);
            insert.BindNull(12);
        }
    }

    private static void Add(SqliteStatement rows, MetricsPoint figures)
    {
        figures.Add(Level.Debug, rows.Integer(3));
        figures.Add(Level.Info, rows.Integer(4));
        figures.Add(Level.Warn, rows.Integer(5));
        figures.Add(Level.Error, rows.Integer(6));
        figures.Add(rows.Integer(7), (ulong)rows.Integer(8));
        figures.Add(rows.Text(10), rows.Real(9));
    }
    // A worker's rows are many: one string for all of them.
    private sealed class WorkerCache
    {
        private readonly List<(byte[] Utf8, string Name)> _known = [];

        public string Of(ReadOnlySpan<byte> utf8)
        {
            foreach (var (known, name) in _known)
            {
                if (utf8.SequenceEqual(known))
                {
                    return name;
                }
            }

            var added = Encoding.UTF8.GetString(utf8);
            if (_known.Count < 100)
            {
                _known.Add((utf8.ToArray(), added));
            }

            return added;
        }
    }
}
