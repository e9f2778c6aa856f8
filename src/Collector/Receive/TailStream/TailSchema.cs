using Collector.Protobuf;
using static Collector.Protobuf.FieldKind;
using static Collector.Receive.TailStream.TailMessage;

namespace Collector.Receive.TailStream;

/// <summary>The messages of <c>schema/tail.proto</c> that producers send.</summary>
internal enum TailMessage : byte
{
    TailBatch,
    TailEvent,
    TailLog,
    TailException,
    TailRequest,
    TailHeader,
    TailTiming,
}

/// <summary>Their fields.</summary>
internal static class TailSchema
{
    public const int BatchEvents = 1;

    public const int EventStreamId = 1;
    public const int EventSequence = 2;
    public const int EventWorker = 3;
    public const int EventRequestId = 4;
    public const int EventCorrelationId = 5;
    public const int EventTime = 6;
    public const int EventLog = 7;
    public const int EventException = 8;
    public const int EventRequest = 9;
    public const int EventTiming = 10;

    public const int LogLevel = 1;
    public const int LogArguments = 2;
    public const int LogContext = 3;

    public const int ExceptionType = 1;
    public const int ExceptionMessage = 2;
    public const int ExceptionStack = 3;

    public const int RequestMethod = 1;
    public const int RequestUrl = 2;
    public const int RequestStatus = 3;
    public const int RequestHeaders = 4;
    public const int RequestOutcome = 5;
    public const int RequestTiming = 6;

    public const int HeaderName = 1;
    public const int HeaderValue = 2;

    public const int TimingCpu = 1;
    public const int TimingWall = 2;

    // A timing in a request in an event in a batch: four messages within each other.
    private static readonly MessageSchema _messages = new(
    [
        Child(TailBatch, BatchEvents, "events", TailEvent, isRepeated: true),

        Leaf(TailEvent, EventStreamId, "stream_id", Text),
        Leaf(TailEvent, EventSequence, "sequence", Integer),
        Leaf(TailEvent, EventWorker, "worker_name", Text),
        Leaf(TailEvent, EventRequestId, "request_id", Text),
        Leaf(TailEvent, EventCorrelationId, "correlation_id", Text),
        Leaf(TailEvent, EventTime, "time_unix_nano", Fixed64),
        Child(TailEvent, EventLog, "log", TailLog),
        Child(TailEvent, EventException, "exception", TailException),
        Child(TailEvent, EventRequest, "request", TailRequest),
        Child(TailEvent, EventTiming, "timing", TailTiming),

        Leaf(TailLog, LogLevel, "level", Text),
        Leaf(TailLog, LogArguments, "arguments", Text),
        Leaf(TailLog, LogContext, "context", Text),

        Leaf(TailException, ExceptionType, "type", Text),
        Leaf(TailException, ExceptionMessage, "message", Text),
        Leaf(TailException, ExceptionStack, "stack", Text),

        Leaf(TailRequest, RequestMethod, "method", Text),
        Leaf(TailRequest, RequestUrl, "url", Text),
        Leaf(TailRequest, RequestStatus, "status", Count),
        Child(TailRequest, RequestHeaders, "headers", TailHeader, isRepeated: true),
        Leaf(TailRequest, RequestOutcome, "outcome", Text),
        Child(TailRequest, RequestTiming, "timing", TailTiming),

        Leaf(TailHeader, HeaderName, "key", Text),
        Leaf(TailHeader, HeaderValue, "value", Text),

        Leaf(TailTiming, TimingCpu, "cpu_ms", Real),
        Leaf(TailTiming, TimingWall, "wall_ms", Real),
    ], maxDepth: 4);

    /// <summary>The first fault of a message's bytes, or null.</summary>
    public static WireFault? Check(ReadOnlySpan<byte> bytes, TailMessage message) =>
        WireCheck.Find(bytes, _messages, (byte)message);

    private static FieldSpec Child(TailMessage owner, int number, string name, TailMessage child, bool isRepeated = false) =>
        new((byte)owner, number, name, Message, (byte)child, isRepeated);

    private static FieldSpec Leaf(TailMessage owner, int number, string name, FieldKind kind) =>
        new((byte)owner, number, name, kind);
}
