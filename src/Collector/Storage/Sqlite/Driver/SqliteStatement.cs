using Microsoft.Data.Sqlite;
using SQLitePCL;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// A prepared statement. Parameters count from 1, columns from 0, as in SQLite. Text is UTF-8; SQLite copies it while
/// binding, and a column's span is valid until the next step or reset.
/// </summary>
internal sealed class SqliteStatement(sqlite3 db, sqlite3_stmt handle) : IDisposable
{
    // The first bind that failed. Its parameter still holds the last row's value, so the step must not run.
    private int _bindResult;

    public void Bind(int parameter, ReadOnlySpan<byte> text) =>
        Note(raw.sqlite3_bind_text(handle, parameter, text));

    /// <summary>Empty becomes NULL.</summary>
    public void BindOrNull(int parameter, ReadOnlySpan<byte> text) =>
        Note(text.IsEmpty ? raw.sqlite3_bind_null(handle, parameter) : raw.sqlite3_bind_text(handle, parameter, text));

    public void Bind(int parameter, long value) => Note(raw.sqlite3_bind_int64(handle, parameter, value));

    public void Bind(int parameter, double value) => Note(raw.sqlite3_bind_double(handle, parameter, value));

    public void BindBlob(int parameter, ReadOnlySpan<byte> bytes) => Note(raw.sqlite3_bind_blob(handle, parameter, bytes));

    /// <summary>Empty becomes NULL.</summary>
    public void BindBlobOrNull(int parameter, ReadOnlySpan<byte> bytes) =>
        Note(bytes.IsEmpty ? raw.sqlite3_bind_null(handle, parameter) : raw.sqlite3_bind_blob(handle, parameter, bytes));

    /// <summary>For what is bound seldom.</summary>
    public void Bind(int parameter, string text) => Note(raw.sqlite3_bind_text(handle, parameter, text));

    /// <summary>Nanoseconds since 1970, as the columns hold times.</summary>
    public void BindTime(int parameter, ulong nanos)
    {
        Span<byte> text = stackalloc byte[Model.Timestamps.TextLength];
        Model.Timestamps.Write(nanos, text);
        Bind(parameter, text);
    }

    /// <summary>What stands in a column of another statement's row, as it is.</summary>
    public void BindFrom(SqliteStatement row, int column, int parameter)
    {
        switch (row.TypeOf(column))
        {
            case raw.SQLITE_NULL:
                BindNull(parameter);
                break;
            case raw.SQLITE_INTEGER:
                Bind(parameter, row.Integer(column));
                break;
            case raw.SQLITE_FLOAT:
                Bind(parameter, row.Real(column));
                break;
            case raw.SQLITE_BLOB:
                BindBlob(parameter, row.Text(column));
                break;
            default:
                Bind(parameter, row.Text(column));
                break;
        }
    }

    public void BindNull(int parameter) => Note(raw.sqlite3_bind_null(handle, parameter));

    /// <summary>SQLITE_ROW, SQLITE_DONE or an error.</summary>
    public int Step()
    {
        var bound = _bindResult;
        _bindResult = raw.SQLITE_OK;
        return bound == raw.SQLITE_OK ? raw.sqlite3_step(handle) : bound;
    }

    /// <summary>Steps to the next row; false at the end.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public bool Read() => Step() switch
    {
        raw.SQLITE_ROW => true,
        raw.SQLITE_DONE => false,
        var code => throw SqliteErrors.Failure(db, code),
    };

    /// <summary>Steps to the first row of a statement that always has one.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void ReadFirst()
    {
        var code = Step();
        if (code != raw.SQLITE_ROW)
        {
            throw SqliteErrors.Failure(db, code);
        }
    }

    /// <summary>Runs a statement that gives no rows.</summary>
    /// <exception cref="SqliteException">It failed.</exception>
    public void Execute()
    {
        var code = Run();
        if (code != raw.SQLITE_OK)
        {
            throw SqliteErrors.Failure(db, code);
        }
    }

    /// <summary>Ends the run; parameters keep their values.</summary>
    public void Reset() => raw.sqlite3_reset(handle);

    /// <summary>As <see cref="Execute"/>, for appends, to which errors are values: SQLITE_OK or an error.</summary>
    public int Run()
    {
        var code = Step();
        raw.sqlite3_reset(handle);
        return code == raw.SQLITE_DONE ? raw.SQLITE_OK : code;
    }

    /// <summary>The UTF-8 of a column, empty where it is NULL.</summary>
    public ReadOnlySpan<byte> Text(int column) => raw.sqlite3_column_blob(handle, column);

    /// <summary>For what is read seldom; empty where it is NULL.</summary>
    public string String(int column) => System.Text.Encoding.UTF8.GetString(Text(column));

    public long Integer(int column) => raw.sqlite3_column_int64(handle, column);

    public double Real(int column) => raw.sqlite3_column_double(handle, column);

    public bool IsNull(int column) => TypeOf(column) == raw.SQLITE_NULL;

    private int TypeOf(int column) => raw.sqlite3_column_type(handle, column);

    /// <summary>It reads, writes nothing, and gives rows.</summary>
    public bool IsQuery => raw.sqlite3_stmt_readonly(handle) != 0 && ColumnCount > 0;

    public int ColumnCount => raw.sqlite3_column_count(handle);

    public string ColumnName(int column) => raw.sqlite3_column_name(handle, column).utf8_to_string();

    /// <summary>For columns of any type: null, long, double, string or byte[].</summary>
    public object? Value(int column) => raw.sqlite3_column_type(handle, column) switch
    {
        raw.SQLITE_NULL => null,
        raw.SQLITE_INTEGER => Integer(column),
        raw.SQLITE_FLOAT => Real(column),
        raw.SQLITE_BLOB => Text(column).ToArray(),
        _ => String(column),
    };

    public void Dispose() => handle.Dispose();

    private void Note(int result)
    {
        if (result != raw.SQLITE_OK && _bindResult == raw.SQLITE_OK)
        {
            _bindResult = result;
        }
    }
}
