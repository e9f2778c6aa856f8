using System.Text;
using Collector.Receive.Request;

namespace Collector.Receive.Rows;

/// <summary>What a field says that a column, the level or the message is made of.</summary>
internal enum Meaning : byte
{
    None,
    CorrelationId,
    RequestId,
    TraceId,
    SpanId,

    /// <summary>An id of something else, whose name ends like one of the above.</summary>
    OtherId,

    Level,
    Message,
    Template,
    Time,
    Error,
    Stack,
    ExceptionType,
    ExceptionMessage,
    ExceptionStack,
    Outcome,
    HttpStatus,
    GrpcStatus,
    ErrorType,
    CpuTime,
    WallTime,
    Worker,
    SdkLanguage,
}

/// <summary>What a name means.</summary>
/// <param name="Meaning">None where the name is not known.</param>
/// <param name="Order">Of several names of one meaning the smaller counts.</param>
/// <param name="Depth">Levels above it in its own name; -1 where the name of the object around it was a part of it.</param>
/// <param name="IsAnywhere">It means that at any depth.</param>
internal readonly record struct FieldMatch(Meaning Meaning, int Order, int Depth, bool IsAnywhere)
{
    /// <summary>The smaller counts, and the nearest to the top before all; 0 where a field at this depth means nothing.</summary>
    /// <param name="depth">Objects around the field.</param>
    public int RankAt(int depth) =>
        Meaning is Meaning.None or Meaning.OtherId || (!IsAnywhere && Depth + depth != 0) ? 0 : ((Depth + depth) << 8) + Order + 1;
}

/// <summary>
/// Knows fields by their names, whatever case and separators (<c>_</c>, <c>-</c>, <c>.</c>) their framework gives them: the one
/// list for attributes, structured bodies, JSON lines, headers and tail events. It runs for every attribute of every record, so
/// nothing is allocated and the last three letters rule out most names.
/// </summary>
internal sealed class FieldNames
{
    private const int Longest = 64;
    private const int LongEnding = 6;
    private const int LongEndingBits = 12;
    private const uint Seed = 2166136261;
    private const uint Prime = 16777619;

    // Ids are known at any depth, and behind any prefix: ctx.correlation_id, {"http":{"req":{"id":1}}}.
    private static readonly (Meaning Meaning, string[] Names)[] _ids =
    [
        (Meaning.TraceId, ["trace_id", "@tr", "traceparent", "logging.googleapis.com/trace"]),
        (Meaning.SpanId, ["span_id", "@sp", "logging.googleapis.com/spanId"]),
        (Meaning.OtherId, ["parent_span_id", "parent.trace_id", "links.trace_id", "links.span_id", "link.trace_id", "link.span_id"]),
    ];

    // The rest only as a whole; a name with a dot also as a member of a member.
    private static readonly (Meaning Meaning, string[] Names)[] _others =
    [
        (Meaning.Level,
            [
                "severity_text", "level", "severity", "log.level", "lvl", "level_name", "@l", "sev", "record.level", "log_severity",
                "priority", "syslog.severity",
            ]),
        (Meaning.Message,
            [
                "message", "msg", "event", "@m", "rendered_message", "log", "record.message", "text", "short_message", "text_payload",
                "log_message",
            ]),
        (Meaning.Template, ["{OriginalFormat}", "message_template.text", "@mt", "message_template", "State.{OriginalFormat}"]),
        (Meaning.Time, ["time", "timestamp", "ts", "@t", "@timestamp", "record.time", "datetime", "time_millis", "instant", "date"]),
        (Meaning.Error, ["err", "error", "exception", "@x", "exc_info", "thrown", "record.exception"]),
        (Meaning.Stack, ["stack", "stacktrace", "error.stack_trace", "error.stack"]),
        (Meaning.ExceptionType, ["exception.type", "error.kind"]),
        (Meaning.ExceptionMessage, ["exception.message", "error.object"]),
        (Meaning.ExceptionStack, ["exception.stacktrace"]),
        (Meaning.Outcome, ["outcome", "cloudflare.outcome"]),
        (Meaning.HttpStatus, ["http.response.status_code", "http.status_code"]),
        (Meaning.GrpcStatus, ["rpc.grpc.status_code", "rpc.response.status_code", "grpc.status_code"]),
        (Meaning.ErrorType, ["error.type"]),
        (Meaning.CpuTime, ["cpu_time_ms", "execution_time_ms", "cloudflare.cpu_time", "cloudflare.cpu_time_ms"]),
        (Meaning.WallTime, ["wall_time_ms", "cloudflare.wall_time", "cloudflare.wall_time_ms"]),
        // As the conventions for Kubernetes order them; then what else names who wrote a line.
        (Meaning.Worker,
            [
                "service.name", "cloudflare.script_name", "k8s.deployment.name", "k8s.replicaset.name", "k8s.statefulset.name",
                "k8s.daemonset.name", "k8s.cronjob.name", "k8s.job.name", "k8s.pod.name", "k8s.container.name", "container.name",
                "appname", "syslog.appname", "faas.name", "log.file.name",
            ]),
        (Meaning.SdkLanguage, ["telemetry.sdk.language"]),
    ];

    // One bit for each three last letters that a known name has, and one for the hash of each six.
    private readonly ulong[] _endings = new ulong[(1 << 15) / 64];
    private readonly ulong[] _longEndings = new ulong[(1 << LongEndingBits) / 64];
    private readonly Entry[] _entries;
    private readonly int _longest;

    /// <param name="correlation">Names of a correlation id, the most telling first.</param>
    /// <param name="request">Names of a request id.</param>
    public FieldNames(IEnumerable<string> correlation, IEnumerable<string> request)
    {
        List<Entry> entries = [.. Entries(Meaning.CorrelationId, correlation), .. Entries(Meaning.RequestId, request)];
        entries.AddRange(_ids.SelectMany(static known => Entries(known.Meaning, known.Names)));
        entries.AddRange(_others.SelectMany(static known => Entries(known.Meaning, known.Names, isAnywhere: false)));
        _entries = new Entry[(int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)entries.Count * 4)];
        foreach (var entry in entries)
        {
            var place = entry.Hash;
            while (_entries[place & (_entries.Length - 1)].Reversed is not null)
            {
                place++;
            }

            _entries[place & (_entries.Length - 1)] = entry;
            _longest = Math.Max(_longest, entry.Reversed!.Length);
            var ending = Ending(entry.Reversed);
            _endings[ending >> 6] |= 1UL << (ending & 63);
            if (entry.Reversed.Length >= LongEnding)
            {
                var place6 = Fold(entry.Reversed.Take(LongEnding).Aggregate(Seed, static (hash, letter) => (hash ^ letter) * Prime));
                _longEndings[place6 >> 6] |= 1UL << (place6 & 63);
            }
        }
    }

    public static FieldNames Default { get; } = From(new IngestOptions());

    public static FieldNames From(IngestOptions options) => new(options.CorrelationNames, options.RequestNames);

    /// <param name="name">Of an attribute, a member or a header.</param>
    /// <param name="parent">Of the object around it; empty at the top.</param>
    public FieldMatch Of(ReadOnlySpan<byte> name, ReadOnlySpan<byte> parent = default)
    {
        if (name.Length >= 3 && IsLetter(name[^1]) && IsLetter(name[^2]) && IsLetter(name[^3]))
        {
            var ending = (name[^1] & 31) | ((name[^2] & 31) << 5) | ((name[^3] & 31) << 10);
            if ((_endings[ending >> 6] & (1UL << (ending & 63))) == 0)
            {
                return default;
            }
        }

        return Search(name, parent);
    }

    // From the end, since a known name may stand behind any prefix; the longest that is known counts.
    private FieldMatch Search(ReadOnlySpan<byte> name, ReadOnlySpan<byte> parent)
    {
        Span<byte> reversed = stackalloc byte[Longest];
        FieldMatch found = default;
        var hash = Seed;
        var length = 0;
        var isInParent = false;
        for (var part = name; ; part = parent)
        {
            for (var at = part.Length - 1; at >= 0; at--)
            {
                var letter = part[at];
                if (IsSeparator(letter))
                {
                    if (letter == (byte)'.')
                    {
                        Probe(reversed[..length], hash, DepthOf(part[..at], isInParent, parent), ref found);
                    }

                    continue;
                }

                if (length == _longest)
                {
                    return found;
                }

                letter = Lower(letter);
                reversed[length++] = letter;
                hash = (hash ^ letter) * Prime;
                if ((length == 3 && !MayEnd(reversed)) || (length == LongEnding && !MayEndLong(hash)))
                {
                    return found;
                }
            }

            var isWhole = isInParent || parent.IsEmpty;
            Probe(reversed[..length], hash, isInParent ? -1 : 0, ref found, isWhole);
            if (isWhole)
            {
                return found;
            }

            isInParent = true;
        }
    }

    private void Probe(ReadOnlySpan<byte> reversed, uint hash, int depth, ref FieldMatch found, bool isWhole = false)
    {
        for (var place = hash; _entries[place & (_entries.Length - 1)] is { Reversed: { } name } entry; place++)
        {
            if (entry.Hash == hash && (isWhole || entry.IsAnywhere) && reversed.SequenceEqual(name))
            {
                found = new FieldMatch(entry.Meaning, entry.Order, depth, entry.IsAnywhere);
                return;
            }
        }
    }

    private bool MayEnd(ReadOnlySpan<byte> reversed)
    {
        var ending = Ending(reversed);
        return (_endings[ending >> 6] & (1UL << (ending & 63))) != 0;
    }

    private bool MayEndLong(uint hash)
    {
        var place = Fold(hash);
        return (_longEndings[place >> 6] & (1UL << (place & 63))) != 0;
    }

    private static int Fold(uint hash) => (int)((hash ^ (hash >> 15)) & ((1 << LongEndingBits) - 1));

    private static int DepthOf(ReadOnlySpan<byte> before, bool isInParent, ReadOnlySpan<byte> parent) =>
        before.Count((byte)'.') + 1 - (isInParent && !parent.IsEmpty ? 1 : 0);

    private static int Ending(ReadOnlySpan<byte> reversed) =>
        (reversed[0] & 31) | ((reversed.Length > 1 ? reversed[1] & 31 : 0) << 5) | ((reversed.Length > 2 ? reversed[2] & 31 : 0) << 10);

    private static bool IsLetter(byte value) => (byte)((value | 0x20) - 'a') < 26;

    private static bool IsSeparator(byte value) => value is (byte)'_' or (byte)'-' or (byte)'.';

    private static byte Lower(byte letter) => (byte)(letter - 'A') < 26 ? (byte)(letter | 0x20) : letter;

    private static IEnumerable<Entry> Entries(Meaning meaning, IEnumerable<string> names, bool isAnywhere = true) =>
        names.Select((name, order) => Entry.Of(meaning, Math.Min(order, 200), isAnywhere, name)).Where(static entry => entry.Reversed is not null);

    private readonly record struct Entry(byte[]? Reversed, uint Hash, Meaning Meaning, int Order, bool IsAnywhere)
    {
        public static Entry Of(Meaning meaning, int order, bool isAnywhere, string name)
        {
            var letters = Encoding.UTF8.GetBytes(name).Where(static letter => !IsSeparator(letter)).Select(Lower).Reverse().ToArray();
            return letters.Length is 0 or > Longest
                ? default
                : new Entry(letters, letters.Aggregate(Seed, static (hash, letter) => (hash ^ letter) * Prime), meaning, order, isAnywhere);
        }
    }
}
