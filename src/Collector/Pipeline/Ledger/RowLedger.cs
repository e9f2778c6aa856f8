using System.Text;
using System.Text.Json;
using Collector.Model;

namespace Collector.Pipeline.Ledger;

/// <summary>
/// The account of every row by producer: what was received, and where it is, with reasons. Each change is one step under
/// one lock, so that the account balances at every moment a reader looks. Safe for any number of threads.
/// </summary>
internal sealed class RowLedger
{
    private const int MaxProducers = 1000;
    private const string OtherProducers = "other-workers";
    private const string UnknownProducer = "unknown-worker";

    private readonly Lock _gate = new();
    private readonly Dictionary<string, LedgerAccount> _accounts = new(StringComparer.Ordinal);
    private readonly Dictionary<string, LedgerAccount>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly LedgerGaps _gaps = new();

    public RowLedger() => _byName = _accounts.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Counts a batch's rows as received and in flight.</summary>
    public LedgerTicket Receive(RowBatch batch) => Enter(batch, LedgerColumn.InFlight);

    /// <summary>Counts one event that was sent again while its first was under way; the ticket is that first's repeats.</summary>
    public LedgerTicket ReceiveRepeat(ReadOnlySpan<byte> worker, LedgerTicket? repeats)
    {
        lock (_gate)
        {
            var account = AccountOf(worker.IsEmpty ? "unknown-worker"u8 : worker);
            account.Receive(1, LedgerColumn.InFlight);
            repeats ??= new LedgerTicket([], LedgerColumn.InFlight);
            repeats.Add(account);
            return repeats;
        }
    }

    /// <summary>Counts rows that an earlier process left in the spool.</summary>
    public void Find(IReadOnlyList<(string Worker, int Rows)> producers)
    {
        lock (_gate)
        {
            foreach (var (worker, rows) in producers)
            {
                AccountNamed(worker).Receive(rows, LedgerColumn.Spooled);
            }
        }
    }

    /// <summary>Moves spooled rows that can't be read any more to dropped, with a gap for each producer.</summary>
    public void DropSpooled(IReadOnlyList<(string Worker, int Rows)> producers, ulong nanos, string reason)
    {
        lock (_gate)
        {
            foreach (var (worker, rows) in producers)
            {
                var account = AccountNamed(worker);
                account.Move(rows, LedgerColumn.Spooled, LedgerColumn.Dropped, reason);
                _gaps.Add(new Gap(account.Name, nanos, nanos, rows, reason));
            }
        }
    }

    /// <summary>
    /// Rows of a request that was refused so many times, and is kept now: nobody has lost them. They stay refused, since that
    /// counts attempts.
    /// </summary>
    public void Recover(LedgerTicket ticket, int refusals)
    {
        if (refusals == 0)
        {
            return;
        }

        lock (_gate)
        {
            foreach (var (account, rows) in ticket.Lines)
            {
                account.Recover((long)rows * refusals);
            }
        }
    }

    /// <summary>A ticket for rows that are counted already, as spooled.</summary>
    public LedgerTicket TicketOf(RowBatch batch)
    {
        lock (_gate)
        {
            return new LedgerTicket(LinesOf(batch), LedgerColumn.Spooled);
        }
    }

    /// <summary>
    /// Moves a request's rows to where they are now. Stored is final: what the spool says of rows that a late commit has
    /// stored meanwhile changes nothing.
    /// </summary>
    /// <param name="ticket">The request.</param>
    /// <param name="to">Where its rows are now.</param>
    /// <param name="reason">Why, in a word; for everything but stored.</param>
    public void Move(LedgerTicket ticket, LedgerColumn to, string? reason = null)
    {
        lock (_gate)
        {
            if (ticket.Column == LedgerColumn.Stored)
            {
                return;
            }

            foreach (var (account, rows) in ticket.Lines)
            {
                account.Move(rows, ticket.Column, to, reason);
            }

            ticket.Column = to;
        }
    }

    /// <summary>Moves a repeat's rows to where the outcome of the first request with its key puts them.</summary>
    /// <param name="ticket">The repeat.</param>
    /// <param name="first">How the first has ended.</param>
    /// <param name="wasAcknowledged">The repeat's producer was told OK before that, so it won't send the rows again.</param>
    public void MoveRepeat(LedgerTicket ticket, IngestOutcome first, bool wasAcknowledged = false)
    {
        var column = first.IsKept ? LedgerColumn.Duplicate
            : first.Status == IngestStatus.Rejected ? LedgerColumn.Rejected
            // Without a gap of its own: the gap that the first leaves is of the same rows.
            : wasAcknowledged ? LedgerColumn.Dropped
            : LedgerColumn.Refused;
        Move(ticket, column, first.IsKept ? "repeat" : "repeat_of_failed");
    }

    /// <summary>Moves a request's rows to dropped and leaves a gap marker for each producer.</summary>
    public void Drop(LedgerTicket ticket, RowBatch batch, string reason)
    {
        Move(ticket, LedgerColumn.Dropped, reason);
        var (from, to) = batch.Times();
        lock (_gate)
        {
            foreach (var (account, rows) in ticket.Lines)
            {
                _gaps.Add(new Gap(account.Name, from, to, rows, reason));
            }
        }
    }

    /// <summary>Moves stored rows that the store can't give back to dropped, and leaves their gap markers.</summary>
    /// <param name="gaps">By producer. Rows of an unknown one are taken from those that have most.</param>
    /// <param name="keepAll">What was kept of the accounts may be lost with them: all are kept again.</param>
    public void Lose(IReadOnlyList<Gap> gaps, bool keepAll = false)
    {
        lock (_gate)
        {
            foreach (var gap in gaps)
            {
                var left = gap.Count;
                var known = _byName.TryGetValue(gap.WorkerName, out var named) ? named : null;
                foreach (var account in _accounts.Values.OrderByDescending(account => account == known).ThenByDescending(static a => a.Counts.Stored))
                {
                    var rows = Math.Min(left, account.Counts.Stored);
                    if (rows > 0)
                    {
                        account.Move(rows, LedgerColumn.Stored, LedgerColumn.Dropped, gap.Reason);
                        left -= rows;
                    }
                }

                _gaps.Add(gap);
            }

            foreach (var account in keepAll ? _accounts.Values.AsEnumerable() : [])
            {
                account.MarkDirty();
            }
        }
    }

    /// <summary>Takes back spooled rows that turned out to be stored, and counted, before.</summary>
    public void Forget(LedgerTicket ticket)
    {
        lock (_gate)
        {
            foreach (var (account, rows) in ticket.Lines)
            {
                account.Forget(rows, ticket.Column);
            }
        }
    }

    /// <summary>A request whose rows nobody knows, refused for good: counts as one.</summary>
    public void RejectUnread(string reason, int count = 1) => CountUnread(LedgerColumn.Rejected, reason, count);

    /// <summary>A request whose rows nobody knows, whose producer was told to retry: counts as one.</summary>
    public void RefuseUnread(string reason) => CountUnread(LedgerColumn.Refused, reason);

    /// <summary>The account of this moment, by name.</summary>
    public IReadOnlyList<ProducerAccount> Read()
    {
        lock (_gate)
        {
            return [.. _accounts.Values.Select(account => account.Read()).OrderBy(a => a.WorkerName, StringComparer.Ordinal)];
        }
    }

    /// <summary>The account of this moment, of all producers together.</summary>
    public LedgerCounts Total()
    {
        lock (_gate)
        {
            return _accounts.Values.Aggregate(default(LedgerCounts), static (sum, account) => sum + account.Counts);
        }
    }

    /// <summary>
    /// What a transaction that stores these requests must keep: the accounts that changed, as they will be when it has
    /// committed, and the gaps. If it fails, <see cref="NotKept"/> must be told.
    /// </summary>
    public LedgerChanges TakeChanges(IEnumerable<LedgerTicket> storing)
    {
        lock (_gate)
        {
            var stored = new Dictionary<LedgerAccount, long>();
            foreach (var (account, rows) in storing.SelectMany(ticket => ticket.Lines))
            {
                stored[account] = stored.GetValueOrDefault(account) + rows;
            }

            var accounts = _accounts.Values.Where(account => account.IsDirty || stored.ContainsKey(account))
                .Select(account => account.ToRecord(stored.GetValueOrDefault(account)))
                .ToArray();
            return new LedgerChanges(accounts, _gaps.Take());
        }
    }

    /// <summary>The transaction was committed: the store has its gaps.</summary>
    public void Kept(LedgerChanges changes)
    {
        lock (_gate)
        {
            _gaps.Kept();
        }
    }

    /// <summary>
    /// What was refused or dropped and the store may not have: all gaps, and the accounts with losses. Null where nothing has
    /// changed since the last call. If they can't be kept, <see cref="LossesNotKept"/> must be told.
    /// </summary>
    public LedgerChanges? TakeLosses()
    {
        lock (_gate)
        {
            if (!_gaps.HaveChanged && !_accounts.Values.Any(static account => account.HasNewLosses))
            {
                return null;
            }

            _gaps.HaveChanged = false;
            var accounts = _accounts.Values.Where(static account => account.HasNewLosses).Select(static account => account.ToLosses()).ToArray();
            return new LedgerChanges(accounts, _gaps.All);
        }
    }

    /// <summary>They are still to be kept.</summary>
    public void LossesNotKept(LedgerChanges losses)
    {
        lock (_gate)
        {
            _gaps.HaveChanged = true;
            foreach (var record in losses.Accounts)
            {
                AccountNamed(record.WorkerName).MarkLosses();
            }
        }
    }

    /// <summary>Adds losses that an earlier process kept beside the store, as far as the store's accounts don't count them.</summary>
    /// <returns>Accounts that can't be read, and count nothing.</returns>
    public IReadOnlyList<string> RestoreLosses(IEnumerable<AccountRecord> records, IEnumerable<Gap> gaps)
    {
        var unreadable = Restore(records);
        lock (_gate)
        {
            foreach (var gap in gaps)
            {
                _gaps.Add(gap);
            }
        }

        return unreadable;
    }

    /// <summary>The transaction failed: its changes are still to be kept.</summary>
    public void NotKept(LedgerChanges changes)
    {
        lock (_gate)
        {
            foreach (var record in changes.Accounts)
            {
                AccountNamed(record.WorkerName).MarkDirty();
            }

            _gaps.NotKept(changes.Gaps);
        }
    }

    /// <summary>Adds what an earlier process kept; of two accounts of a producer the larger figures count.</summary>
    /// <returns>Accounts that can't be read, and count nothing.</returns>
    public IReadOnlyList<string> Restore(IEnumerable<AccountRecord> records)
    {
        var unreadable = new List<string>();
        lock (_gate)
        {
            foreach (var record in records)
            {
                try
                {
                    AccountNamed(record.WorkerName).Restore(record.Json);
                }
                catch (JsonException)
                {
                    unreadable.Add(record.WorkerName);
                }
            }
        }

        return unreadable;
    }

    private LedgerTicket Enter(RowBatch batch, LedgerColumn column)
    {
        lock (_gate)
        {
            var lines = LinesOf(batch);
            foreach (var (account, rows) in lines)
            {
                account.Receive(rows, column);
            }

            return new LedgerTicket(lines, column);
        }
    }

    private void CountUnread(LedgerColumn column, string reason, int count = 1)
    {
        lock (_gate)
        {
            var account = AccountNamed(UnknownProducer);
            account.Receive(count, LedgerColumn.InFlight);
            account.Move(count, LedgerColumn.InFlight, column, reason);
        }
    }

    private (LedgerAccount Account, int Rows)[] LinesOf(RowBatch batch)
    {
        var lines = new (LedgerAccount Account, int Rows)[batch.Producers.Count];
        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = (AccountOf(batch.Text(batch.Producers[i].Worker)), batch.Producers[i].Rows);
        }

        return lines;
    }

    private LedgerAccount AccountOf(ReadOnlySpan<byte> name)
    {
        Span<char> text = stackalloc char[256];
        return Encoding.UTF8.TryGetChars(name, text, out var length)
            ? AccountNamed(text[..length])
            : AccountNamed(Encoding.UTF8.GetString(name));
    }

    private LedgerAccount AccountNamed(ReadOnlySpan<char> name)
    {
        if (_byName.TryGetValue(name, out var account))
        {
            return account;
        }

        if (_accounts.Count >= MaxProducers)
        {
            name = OtherProducers;
            if (_byName.TryGetValue(name, out account))
            {
                return account;
            }
        }

        account = new LedgerAccount(name.ToString());
        _byName[name] = account;
        return account;
    }
}
