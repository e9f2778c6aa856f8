using Collector.Protobuf;
using static Collector.Protobuf.FieldKind;
using static Collector.Protobuf.MessageType;

namespace Collector.Receive.TailStream;

/// <summary>The messages of <c>schema/tail.proto</c> that producers send.</summary>
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

    public static readonly FieldSpec[] All =
    [
        new(TailBatch, BatchEvents, "events", Message, TailEvent, IsRepeated: true),

        new(TailEvent, EventStreamId, "stream_id", Text),
        new(TailEvent, EventSequence, "sequence", Integer),
        new(TailEvent, EventWorker, "worker_name", Text),
        new(TailEvent, EventRequestId, "request_id", Text),
        new(TailEvent, EventCorrelationId, "correlation_id", Text),
        new(TailEvent, EventTime, "time_unix_nano", Fixed64),
        new(TailEvent, EventLog, "log", Message, TailLog),
        new(TailEvent, EventException, "exception", Message, TailException),
        new(TailEvent, EventRequest, "request", Message, TailRequest),
        new(TailEvent, EventTiming, "timing", Message, TailTiming),

        new(TailLog, LogLevel, "level", Text),
        new(TailLog, LogArguments, "arguments", Text, IsRepeated: true),
        new(TailLog, LogContext, "context", Text),

        new(TailException, ExceptionType, "type", Text),
        new(TailException, ExceptionMessage, "message", Text),
        new(TailException, ExceptionStack, "stack", Text),

        new(TailRequest, RequestMethod, "method", Text),
        new(TailRequest, RequestUrl, "url", Text),
        new(TailRequest, RequestStatus, "status", Count),
        new(TailRequest, RequestHeaders, "headers", Message, TailHeader, IsRepeated: true),
        new(TailRequest, RequestOutcome, "outcome", Text),
        new(TailRequest, RequestTiming, "timing", Message, TailTiming),

        new(TailHeader, HeaderName, "key", Text),
        new(TailHeader, HeaderValue, "value", Text),

        new(TailTiming, TimingCpu, "cpu_ms", Real),
        new(TailTiming, TimingWall, "wall_ms", Real),
    ];
}
