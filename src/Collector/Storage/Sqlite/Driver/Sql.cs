using System.Reflection;
using Collector.Storage.Sqlite.Search;

namespace Collector.Storage.Sqlite.Driver;

/// <summary>The statements of <c>schema/sqlite</c>, by the name of their file.</summary>
internal static class Sql
{
    public const string Begin = "BEGIN";
    public const string BeginImmediate = "BEGIN IMMEDIATE";
    public const string Commit = "COMMIT";
    public const string Rollback = "ROLLBACK";
    public const string Attach = "ATTACH ?1 AS ?2";
    public const string Detach = "DETACH ?1";
    public const string QueryOnly = "PRAGMA query_only = ON";

    public static string TailLogs { get; } = Read("tail_logs");

    public static string TailResources { get; } = Read("tail_resources");

    public static string TailGaps { get; } = Read("tail_gaps");

    /// <summary>The files that make the tables; all may be run again on tables that are there.</summary>
    public static IReadOnlyList<string> Tables { get; } =
        [
            TailLogs, TailResources, Read("segment_meta"), Read("tail_requests"), Read("tail_ledger"),
            Read("tail_streams"), TailGaps,
        ];

    /// <summary>What sealing adds, each in a transaction of its own; all may be run again.</summary>
    public static IReadOnlyList<string> Indexes { get; } =
        [
            Read("index_timestamp"), Read("index_correlation"), Read("index_worker"), Read("index_level"),
            Read("index_trace"), Read("index_request"),
        ];

    public static string MarkSealed { get; } = Read("mark_sealed");

    public static string JournalMode { get; } = Read("journal_mode");

    public static string LeaveWal { get; } = Read("leave_wal");

    public static string OpenWriter { get; } = Read("open_writer");

    public static string OpenReader { get; } = Read("open_reader");

    public static string OpenSealedReader { get; } = Read("open_sealed_reader");

    public static string RollBack { get; } = Read("roll_back");

    public static string PageCount { get; } = Read("page_count");

    /// <summary>Lines for <see cref="PageSql"/>.</summary>
    public static string Page { get; } = Read("page");

    public static string SealedCorrelation { get; } = Read("sealed_correlation");

    public static string SealedExtent { get; } = Read("sealed_extent");

    public static string SealedTrace { get; } = Read("sealed_trace");

    public static string SegmentContents { get; } = Read("segment_contents");

    public static string TailRollups { get; } = Read("tail_rollups");

    public static string InsertRollup { get; } = Read("insert_rollup");

    public static string RollupsBetween { get; } = Read("rollups_between");

    public static string RollupWorkers { get; } = Read("rollup_workers");

    public static string FiguresByRowid { get; } = Read("figures_by_rowid");

    public static string FiguresByTime { get; } = Read("figures_by_time");

    public static string FiguresByWorker { get; } = Read("figures_by_worker");

    public static string CountsByLevel { get; } = Read("counts_by_level");

    public static string CountsByWorker { get; } = Read("counts_by_worker");

    public static string HasRollups { get; } = Read("has_rollups");

    public static string TailText { get; } = Read("tail_text");

    public static string ClearText { get; } = Read("clear_text");

    public static string InsertTextStripe { get; } = Read("insert_text_stripe");

    public static string InsertTextSlices { get; } = Read("insert_text_slices");

    public static string TextStripes { get; } = Read("text_stripes");

    public static string TextBlocks { get; } = Read("text_blocks");

    public static string TextSlices { get; } = Read("text_slices");

    public static string TextRows { get; } = Read("text_rows");

    public static string TextBlockRows { get; } = Read("text_block_rows");

    public static string InsertMeta { get; } = Read("insert_meta");

    public static string ReadMeta { get; } = Read("read_meta");

    public static string SegmentExtent { get; } = Read("segment_extent");

    public static string InsertRow { get; } = Read("insert_row");

    public static string InsertResource { get; } = Read("insert_resource");

    public static string InsertRequest { get; } = Read("insert_request");

    public static string DedupWindow { get; } = Read("recent_requests");

    public static string UpsertAccount { get; } = Read("upsert_account");

    public static string ReadAccounts { get; } = Read("read_accounts");

    public static string UpsertStream { get; } = Read("upsert_stream");

    public static string KindMinutesNewest { get; } = Read("kind_minutes_newest");

    public static string KindMinutesOldest { get; } = Read("kind_minutes_oldest");

    public static string HasTable { get; } = Read("has_table");

    public static string RecentStreams { get; } = Read("recent_streams");

    public static string InsertGap { get; } = Read("insert_gap");

    public static string FindGaps { get; } = Read("find_gaps");

    public static string ContainsLog { get; } = Read("contains_log");

    public static string RowByRowid { get; } = Read("row_by_rowid");

    public static string RowsByRowid { get; } = Read("rows_by_rowid");

    public static string IdsByRowid { get; } = Read("ids_by_rowid");

    public static string HotIndexRows { get; } = Read("hot_index_rows");

    public static string SpanHasRows { get; } = Read("span_has_rows");

    public static string OutsideSpan { get; } = Read("outside_span");

    public static string OutsideView { get; } = Read("outside_view");

    public static string OpenExport { get; } = Read("open_export");

    public static string ExportKnown { get; } = Read("export_known");

    public static string ExportResources { get; } = Read("export_resources");

    public static string ExportRows { get; } = Read("export_rows");

    public static string ExportGaps { get; } = Read("export_gaps");

    public static string ExportUsedResources { get; } = Read("export_used_resources");

    public static string ExportExtent { get; } = Read("export_extent");

    private static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"schema/sqlite/{name}.sql")
            ?? throw new InvalidOperationException($"schema/sqlite/{name}.sql is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
