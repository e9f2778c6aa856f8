using System.Text.Json;
using Collector.Storage.Sqlite.Driver;
using Microsoft.Data.Sqlite;

namespace Collector.Storage.Folder;

/// <summary>
/// The producers' accounts that the segments of a folder keep: a newer segment's replaces an older one's. They count every row
/// since the first, also those that retention has deleted since.
/// </summary>
internal sealed class FolderLedger
{
    private static readonly string[] _ends = ["stored", "duplicate", "rejected", "refused", "dropped"];

    private readonly Dictionary<string, long[]> _accounts = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unreadable = new(StringComparer.Ordinal);

    public long Stored => Sum(0);

    public long Received => Enumerable.Range(0, _ends.Length).Sum(Sum);

    /// <summary>Where the rows went that were received, but for none.</summary>
    public string Ends => string.Join(", ", Enumerable.Range(0, _ends.Length)
        .Where(i => i == 0 || Sum(i) > 0).Select(i => FormattableString.Invariant($"{Sum(i)} {_ends[i]}")));

    /// <summary>Adds what a segment says; the older ones come first.</summary>
    /// <exception cref="SqliteException">It can't be read.</exception>
    public void Add(SqliteConnection connection)
    {
        using var rows = connection.Prepare(Sql.Get("read_accounts"));
        while (rows.Read())
        {
            var worker = rows.String(0);
            try
            {
                using var json = JsonDocument.Parse(rows.String(1));
                _accounts[worker] = Array.ConvertAll(_ends, end => json.RootElement.GetProperty(end).GetInt64());
                _unreadable.Remove(worker);
            }
            catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
            {
                _unreadable.Add(worker);
            }
        }
    }

    /// <summary>
    /// Whether each count is possible, and the rows that are there are no more than were ever stored. Fewer are usual:
    /// retention deleted them, or a file was set aside.
    /// </summary>
    public FileReport Compare(long rows)
    {
        var impossible = _accounts.Where(static account => Array.Exists(account.Value, static count => count < 0)).Select(static account => account.Key)
            .Concat(_unreadable).ToArray();
        var told = FormattableString.Invariant($"{Received} received: {Ends}; {rows} rows are here");
        return impossible.Length > 0
            ? new FileReport("ledger", FileState.Damaged, $"the account of {string.Join(", ", impossible.Take(3))} can't be right; {told}")
            : rows > Stored
            ? new FileReport("ledger", FileState.Damaged, $"more rows are here than were ever stored; {told}")
            : new FileReport("ledger", FileState.Whole, $"balanced: {told}");
    }

    private long Sum(int end) => _accounts.Values.Sum(account => account[end]);
}
