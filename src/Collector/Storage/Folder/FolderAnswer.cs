using System.Globalization;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>The rows of an answer, one after the other.</summary>
internal sealed class FolderAnswer : IDisposable
{
    private readonly SqliteStatement _rows;
    private readonly object?[] _row;

    public FolderAnswer(SqliteStatement rows)
    {
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
        try
        {
            if (!_rows.Read())
            {
                return false;
            }
        }
        catch (SqliteException e)
        {
            throw new QueryException(e.Message);
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
