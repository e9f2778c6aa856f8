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

    public ProducerAccount Read() => new(name, _counts, new Dictionary<string, long>(_reasons));

    /// <summary>What is kept: all that ended, with the rows of the transaction that keeps it.</summary>
    public AccountRecord ToRecord(long storedWithThis)
    {
        IsDirty = false;
        var kept = new KeptAccount(
            _counts.Stored + storedWithThis, _counts.Duplicate, _counts.Rejected, _counts.Refused, _counts.Dropped, _reasons);
        return new AccountRecord(name, JsonSerializer.Serialize(kept, KeptAccountJson.Default.KeptAccount));
    }

    public void MarkDirty() => IsDirty = true;

    /// <summary>Adds what an earlier process kept. What was in flight then is nowhere now, and counts nowhere.</summary>
    public void Restore(string json)
    {
        if (JsonSerializer.Deserialize(json, KeptAccountJson.Default.KeptAccount) is not { } kept)
        {
            return;
        }

        _counts += new LedgerCounts
        {
            Received = kept.Stored + kept.Duplicate + kept.Rejected + kept.Refused + kept.Dropped,
            Stored = kept.Stored,
            Duplicate = kept.Duplicate,
            Rejected = kept.Rejected,
            Refused = kept.Refused,
            Dropped = kept.Dropped,
        };
        foreach (var (reason, rows) in kept.Reasons)
        {
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + rows;
        }
    }
}

/// <summary>The JSON of an account as it is kept with the data.</summary>
internal sealed record KeptAccount(
    long Stored, long Duplicate, long Rejected, long Refused, long Dropped, Dictionary<string, long> Reasons);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(KeptAccount))]
internal sealed partial class KeptAccountJson : JsonSerializerContext;
