using Microsoft.Data.Sqlite;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>
/// Reads the rows between two rowids, passing over those that can't be read: where a step fails, the next row that can be
/// read is looked for behind it.
/// </summary>
/// <param name="rows">
/// Gives the rows from ?1 to ?2 in order of their rowids, which are its first column. The walk resets it.
/// </param>
/// <param name="stopAtFailure">End at the first one that can't be read.</param>
internal sealed class RowWalk(SqliteStatement rows, bool stopAtFailure = false)
{
    // A broken leaf of 8 KiB holds some 20 rows, at most a few hundred: so many are tried one by one, so that whole pages
    // between broken ones are found. Behind that an inner page is broken, and the steps double.
    private const int OneByOne = 256;

    /// <summary>Takes a row; false where no more is wanted.</summary>
    public delegate bool Take(SqliteStatement row);

    /// <summary>Why rows were passed over, the first time; null while none was.</summary>
    public SqliteException? Failure { get; private set; }

    /// <summary>Returns the last rowid given where no more was wanted, else null.</summary>
    /// <exception cref="SqliteException">It is busy, interrupted, or the statement is wrong.</exception>
    public long? Run(long first, long last, Take take)
    {
        while (first <= last)
        {
            Begin(first, last);
            while (TryStep(out var isRow))
            {
                if (!isRow)
                {
                    return null;
                }

                var rowid = rows.Integer(0);
                if (rowid < first)
                {
                    // A page that looks like one, and is not.
                    Failure ??= SqliteErrors.Damage("rows are out of order");
                    continue;
                }

                if (!take(rows))
                {
                    rows.Reset();
                    return rowid;
                }

                first = rowid + 1;
            }

            first = stopAtFailure ? last + 1 : NextReadable(first, last);
        }

        return null;
    }

    private void Begin(long first, long last)
    {
        rows.Reset();
        rows.Bind(1, first);
        rows.Bind(2, last);
    }

    // False where the row can't be read.
    private bool TryStep(out bool isRow)
    {
        isRow = false;
        try
        {
            isRow = rows.Read();
            if (!isRow)
            {
                rows.Reset();
            }

            return true;
        }
        catch (SqliteException e) when (SqliteErrors.IsUnreadable(e.SqliteExtendedErrorCode))
        {
            Failure ??= e;
            rows.Reset();
            return false;
        }
    }

    // The first that can be read behind one that can't; behind the last where there is none.
    private long NextReadable(long broken, long last)
    {
        var (low, step) = (broken, 1L);
        while (low < last)
        {
            var high = last - low > step ? low + step : last;
            if (CanRead(high, last))
            {
                return Between(low, high, last);
            }

            low = high;
            step = low - broken < OneByOne ? 1 : step * 2;
        }

        return last + 1;
    }

    private long Between(long broken, long readable, long last)
    {
        while (readable - broken > 1)
        {
            var middle = broken + ((readable - broken) / 2);
            (broken, readable) = CanRead(middle, last) ? (broken, middle) : (middle, readable);
        }

        return readable;
    }

    private bool CanRead(long rowid, long last)
    {
        Begin(rowid, last);
        var can = TryStep(out _);
        rows.Reset();
        return can;
    }
}
