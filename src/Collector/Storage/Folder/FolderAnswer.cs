using System.Globalization;
using Collector.Storage.Sqlite.Driver;
using SQLitePCL;

namespace Collector.Storage.Folder;

/// <summary>The rows of an answer, one after the other.</summary>
internal sealed class FolderAnswer : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _rows;
    private readonly object?[] _row;

    public FolderAnswer(SqliteConnection connection, SqliteStatement rows)
    {
        _connection = connection;
        _rows = rows;
        Columns = UniqueNames(rows);
        _row = new object?[Columns.Count];
    }

    /// <summary>Their names; one that is there twice gets a number behind it.</summary>
    public IReadOnlyList<string> Columns { get; }

    /// <summary>The next row: each value null, long, double, string or byte[], in an array that is used again.</summary>
    /// <exception cref="QueryException">The question failed on the way.</exception>
    public bool TryNext(out object?[] row)
    {
        row = _row;
        var code = _rows.Step();
        if (code != raw.SQLITE_ROW)
        {
            return code == raw.SQLITE_DONE ? false : throw new QueryException(_connection.Failure(code).Message);
        }

        for (var i = 0; i < _row.Length; i++)
        {
            _row[i] = _rows.Value(i);
        }

        return true;
    }

    public void Dispose() => _rows.Dispose();

    private static List<string> UniqueNames(SqliteStatement rows)
    {
        var names = new List<string>();
        for (var i = 0; i < rows.ColumnCount; i++)
        {
            var name = rows.ColumnName(i);
            var unique = name;
            for (var n = 2; names.Contains(unique, StringComparer.Ordinal); n++)
            {
                unique = string.Create(CultureInfo.InvariantCulture, $"{name}_{n}");
            }

            names.Add(unique);
        }

        return names;
    }
}
