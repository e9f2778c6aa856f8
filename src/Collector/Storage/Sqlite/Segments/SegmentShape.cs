using System.Text;
using System.Text.RegularExpressions;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Segments;

/// <summary>
/// The tables, columns and indexes of one file, beside those that this program makes. What a file of an earlier version
/// lacks reads as empty: a table by a view of the connection's own, a column of <c>tail_logs</c> as NULL in the statement's
/// text (a view would take the names of indexes away from it).
/// </summary>
internal sealed partial class SegmentShape
{
    private const string Rows = "tail_logs";

    // Figures of which a part is missing are not figures.
    private const string Figures = "tail_rollups";

    // The one besides the rows' own that is read in the order in which it was written.
    private const string Requests = "tail_requests";

    // Read from the SQL that makes them, so that there is no second list.
    private static readonly Lazy<SegmentShape> _ours = new(ReadOurs);

    private readonly Dictionary<string, HashSet<string>> _tables = new(StringComparer.OrdinalIgnoreCase);
    private readonly HashSet<string> _indexes = new(StringComparer.OrdinalIgnoreCase);

    private SegmentShape()
    {
    }

    /// <summary>It has no table at all, as a creation that was cut short leaves it.</summary>
    public bool IsEmpty => _tables.Count == 0;

    /// <summary>Whether it has all that a segment of this version has; figures and indexes come when it is sealed.</summary>
    public bool IsComplete(bool isSealed) =>
        _ours.Value._tables.Keys.All(table => (table == Figures && !isSealed) || Lacking(table).Count == 0)
        && (!isSealed || _ours.Value._indexes.IsSubsetOf(_indexes));

    /// <exception cref="SqliteException">It can't be read.</exception>
    public static SegmentShape Read(SqliteConnection connection)
    {
        var shape = new SegmentShape();
        using var parts = connection.Prepare(Sql.Get("columns_of_file"));
        while (parts.Read())
        {
            shape.Note(isTable: !parts.Text(0).SequenceEqual("index"u8), parts.String(1), parts.String(2));
        }

        return shape;
    }

    public bool HasTable(string name) => _tables.ContainsKey(name);

    /// <summary>Gives a connection that reads what the file lacks, as empty.</summary>
    /// <exception cref="SqliteException">It can't be given.</exception>
    public void AddViews(SqliteConnection connection)
    {
        var views = new StringBuilder();
        foreach (var table in _ours.Value._tables.Keys.Where(table => table != Rows || !HasTable(table)))
        {
            AddView(views, table);
        }

        if (views.Length > 0)
        {
            // In memory: the folder may be full, or read-only. A transaction has decided where, and can't be asked anew.
            var where = connection.IsInTransaction() ? "" : "PRAGMA temp_store = MEMORY;";
            connection.Execute($"{where} PRAGMA query_only = OFF; {views} PRAGMA query_only = ON");
        }
    }

    /// <summary>A statement as this file can run it.</summary>
    public string Fit(string sql)
    {
        foreach (var column in Lacking(Rows))
        {
            sql = Regex.Replace(sql, $@"(?<![\w.])(tail_logs\.)?{column}\b", "NULL");
        }

        return IndexHint().Replace(sql, hint => _indexes.Contains(hint.Groups[1].Value) ? hint.Value : "");
    }

    /// <summary>Makes an unsealed file of an earlier version what sealing expects.</summary>
    /// <exception cref="SqliteException">It can't be written.</exception>
    public void Complete(SqliteConnection connection)
    {
        foreach (var table in Sql.Tables)
        {
            connection.Execute(table);
        }

        foreach (var column in HasTable(Rows) ? Lacking(Rows) : [])
        {
            connection.Execute($"ALTER TABLE {Rows} ADD COLUMN {column}");
        }
    }

    private void AddView(StringBuilder views, string table)
    {
        var (columns, lacking) = (_ours.Value._tables[table], Lacking(table));
        if (lacking.Count == 0)
        {
            return;
        }

        var isUsable = HasTable(table) && table != Figures;
        var selected = columns.Select(column => lacking.Contains(column) ? $"NULL AS {column}" : column);
        views.Append("CREATE TEMP VIEW IF NOT EXISTS ").Append(table).Append(" AS SELECT ")
            .Append(table != Requests ? "" : isUsable ? "rowid AS rowid, " : "NULL AS rowid, ")
            .AppendJoin(", ", isUsable ? selected : columns.Select(static column => $"NULL AS {column}"))
            .Append(isUsable ? $" FROM main.{table};" : " WHERE 0;");
    }

    private List<string> Lacking(string table) =>
        [.. _ours.Value._tables[table].Where(column => !_tables.TryGetValue(table, out var has) || !has.Contains(column))];

    private void Note(bool isTable, string name, string column)
    {
        if (!isTable)
        {
            _indexes.Add(name);
            return;
        }

        if (!_tables.TryGetValue(name, out var columns))
        {
            _tables.Add(name, columns = new(StringComparer.OrdinalIgnoreCase));
        }

        columns.Add(column);
    }

    private static SegmentShape ReadOurs()
    {
        using var scratch = Connections.OpenScratch();
        foreach (var part in Sql.Tables.Append(Sql.Get(Figures)).Concat(Sql.Indexes))
        {
            scratch.Execute(part);
        }

        return Read(scratch);
    }

    [GeneratedRegex(@"\bINDEXED BY (\w+)")]
    private static partial Regex IndexHint();
}
