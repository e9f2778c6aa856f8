using System.Text.Json;
using System.Text.Json.Serialization;
using Collector.Model;

namespace Collector.Pipeline.Ledger;

/// <summary>One producer's account; guarded by its ledger's lock.</summary>
internal sealed class LedgerAccount(string name)
{
    private readonly Dictionary<string, long> _reasons = new(StringComparer.Ordinal);
    private LedgerCounts _counts;

    public string Name => name;

    public LedgerCounts Counts => _counts;

    /// <summary>Changes since the last time it was kept.</summary>
    public bool IsDirty { get; private set; }

    /// <summary>Rows were refused or dropped since the last time that these were kept beside the store.</summary>
    public bool HasNewLosses { get; private set; }

    public void Receive(long rows, LedgerColumn column)
    {
        _counts.Received += rows;
        _counts.Add(column, rows);
        IsDirty = true;
    }

    public void Move(long rows, LedgerColumn from, LedgerColumn to, string? reason)
    {
        _counts.Add(from, -rows);
        _counts.Add(to, rows);
        IsDirty = true;
        HasNewLosses |= to is LedgerColumn.Refused or LedgerColumn.Dropped;
        if (reason is not null)
        {
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + rows;
        }
    }

    /// <summary>Takes back rows that another account line already counts.</summary>
    public void Forget(long rows, LedgerColumn column)
    {
        _counts.Received -= rows;
        _counts.Add(column, -rows);
        IsDirty = true;
    }

    /// <summary>Counts rows that were refused before, and are kept now.</summary>
    public void Recover(long rows)
    {
        _counts.Recovered += rows;
        IsDirty = true;
        HasNewLosses = true;
    }

    public ProducerAccount Read() => new(name, _counts, new Dictionary<string, long>(_reasons));

    /// <summary>What is kept: all that ended, with the rows of the transaction that keeps it.</summary>
    public AccountRecord ToRecord(long storedWithThis)
    {
        IsDirty = false;
        return ToRecord(new KeptAccount(
            _counts.Stored + storedWithThis, _counts.Duplicate, _counts.Rejected, _counts.Refused, _counts.Dropped, _reasons, _counts.Recovered));
    }

    /// <summary>What is kept beside the store. What is stored is left out: only the store's own transactions know it.</summary>
    public AccountRecord ToLosses()
    {
        HasNewLosses = false;
        return ToRecord(new KeptAccount(
            0, _counts.Duplicate, _counts.Rejected, _counts.Refused, _counts.Dropped, _reasons, _counts.Recovered));
    }

    public void MarkDirty() => IsDirty = true;

    public void MarkLosses() => HasNewLosses = true;

    /// <summary>
    /// Adds what an earlier process kept; of what two places kept, the larger figure, since none ever falls. What was in flight
    /// then is nowhere now, and counts nowhere.
    /// </summary>
    public void Restore(string json)
    {
        if (JsonSerializer.Deserialize(json, KeptAccountJson.Default.KeptAccount) is not { } kept)
        {
            return;
        }

        var before = _counts;
        _counts.Stored = Math.Max(before.Stored, kept.Stored);
        _counts.Duplicate = Math.Max(before.Duplicate, kept.Duplicate);
        _counts.Rejected = Math.Max(before.Rejected, kept.Rejected);
        _counts.Refused = Math.Max(before.Refused, kept.Refused);
        _counts.Dropped = Math.Max(before.Dropped, kept.Dropped);
        _counts.Recovered = Math.Max(before.Recovered, kept.Recovered);
        _counts.Received += _counts.Ended - before.Ended;
        foreach (var (reason, rows) in kept.Reasons)
        {
            _reasons[reason] = Math.Max(_reasons.GetValueOrDefault(reason), rows);
        }
    }

    private AccountRecord ToRecord(KeptAccount kept) =>
        new(name, JsonSerializer.Serialize(kept, KeptAccountJson.Default.KeptAccount));
}

/// <summary>The JSON of an account as it is kept with the data.</summary>
internal sealed record KeptAccount(
    long Stored, long Duplicate, long Rejected, long Refused, long Dropped, Dictionary<string, long> Reasons, long Recovered = 0);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeptAccount))]
internal sealed partial class KeptAccountJson : JsonSerializerContext;
