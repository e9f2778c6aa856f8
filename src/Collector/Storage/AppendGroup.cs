using Collector.Model;

namespace Collector.Storage;

/// <summary>What one transaction stores: all of it or nothing.</summary>
internal sealed class AppendGroup
{
    /// <summary>Requests, whose rows and whose keys (where they have one) are stored.</summary>
    public List<RowBatch> Batches { get; } = [];

    /// <summary>Producers' accounts: each replaces what was kept under its name.</summary>
    public IReadOnlyList<AccountRecord> Accounts { get; set; } = [];

    /// <summary>Streams whose events are among the rows: each replaces what was kept under its id.</summary>
    public IReadOnlyList<StreamMark> Streams { get; set; } = [];

    /// <summary>Markers of losses: added.</summary>
    public IReadOnlyList<Gap> Gaps { get; set; } = [];
}
