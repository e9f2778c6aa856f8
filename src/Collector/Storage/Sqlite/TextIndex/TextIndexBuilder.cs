using Collector.Model;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.TextIndex;

/// <summary>
/// Writes the tables of <c>tail_text.sql</c> in one pass over the rows of a segment that nothing appends to any more.
/// Memory: one stripe and one block, whatever the segment's size.
/// </summary>
internal sealed class TextIndexBuilder : IDisposable
{
    private readonly SqliteConnection _connection;
    private readonly SqliteStatement _insertStripe;
    private readonly SqliteStatement _insertSlices;
    private readonly TextBlock _block;
    private readonly TextStripe _stripe = new();
    private int _stripes;
    private long _lastRow;
    private long _blocksEnd;

    private TextIndexBuilder(SqliteConnection connection, int rowsInBlock)
    {
        _connection = connection;
        _block = new TextBlock(rowsInBlock);
        _insertStripe = connection.Prepare(Sql.Get("insert_text_stripe"));
        _insertSlices = connection.Prepare(Sql.Get("insert_text_slices"));
    }

    /// <summary>Builds it anew, within the caller's transaction.</summary>
    /// <exception cref="SqliteException">A row can't be read or written.</exception>
    public static void Build(SqliteConnection connection, int rowsInBlock)
    {
        connection.Execute(Sql.Get("tail_text"));
        connection.Execute(Sql.Get("clear_text"));
        using var builder = new TextIndexBuilder(connection, rowsInBlock);
        builder.AddRows();
    }

    public void Dispose()
    {
        _insertStripe.Dispose();
        _insertSlices.Dispose();
    }

    private void AddRows()
    {
        using var rows = _connection.Prepare(Sql.Get("text_rows"));
        while (rows.Read())
        {
            _lastRow = rows.Integer(0);
            _block.Add(rows.Text(1), rows.Text(2), Timestamps.FromColumn(rows.Text(3)));
            if (_block.IsFull)
            {
                EndBlock();
            }
        }

        EndBlock();
        EndStripe();
    }

    private void EndBlock()
    {
        if (_block.Rows > 0)
        {
            _stripe.Add(_block, (int)(_lastRow - _blocksEnd));
            _block.Clear();
            _blocksEnd = _lastRow;
        }

        if (_stripe.IsFull)
        {
            EndStripe();
        }
    }

    private void EndStripe()
    {
        if (_stripe.Count == 0)
        {
            return;
        }

        for (var group = 0; group < TextStripe.Groups; group++)
        {
            var slices = _stripe.Group(group);
            if (!slices.IsEmpty)
            {
                _insertSlices.Bind(1, ((long)_stripes * TextStripe.Groups) + group);
                _insertSlices.BindBlob(2, slices);
                _insertSlices.Execute();
            }
        }

        _insertStripe.Bind(1, _stripes);
        _insertStripe.Bind(2, TextPlaces.Format);
        _insertStripe.Bind(3, TextFolding.Fingerprint);
        _insertStripe.Bind(4, _lastRow);
        _insertStripe.BindBlob(5, _stripe.Entries);
        _insertStripe.Execute();
        _stripes++;
        _stripe.Clear();
    }
}
