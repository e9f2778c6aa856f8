namespace Collector.Pipeline.Ledger;

/// <summary>One request's rows in the ledger, by producer, and where they are. Made and moved by <see cref="RowLedger"/>.</summary>
internal sealed class LedgerTicket
{
    internal LedgerTicket((LedgerAccount Account, int Rows)[] lines, LedgerColumn column)
    {
        Lines = lines;
        Column = column;
    }

    public LedgerColumn Column { get; internal set; }

    internal (LedgerAccount Account, int Rows)[] Lines { get; private set; }

    internal void Add(LedgerAccount account)
    {
        var place = Array.FindIndex(Lines, line => line.Account == account);
        Lines = place < 0 ? [.. Lines, (account, 0)] : Lines;
        Lines[place < 0 ? ^1 : place].Rows++;
    }
}
