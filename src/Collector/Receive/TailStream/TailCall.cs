using System.Text;
using System.Threading.Channels;
using Collector.Model;
using Collector.Pipeline.Streams;
using Collector.Protobuf;
using Collector.Receive.Request;
using Collector.Receive.Rows;

namespace Collector.Receive.TailStream;

/// <summary>
/// One call that brings events of one stream: it checks them, knows which are new, and is told how far the stream is
/// stored. It queues no acknowledgements: a caller that is slow to read gets the progress of the moment.
/// </summary>
internal sealed class TailCall(StreamTracker streams, bool isStream) : IDisposable
{
    private const int MaxIdBytes = 128;
    private const ulong LastSequence = long.MaxValue;

    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });

    private StreamWatch? _watch;
    private ulong _last;
    private volatile bool _isComplete;

    /// <summary>Events arrive one by one, and nothing waits until they are stored; otherwise they are one message.</summary>
    public bool IsStream => isStream;

    /// <summary>Null until the first event has arrived.</summary>
    public string? StreamId { get; private set; }

    /// <summary>Why no more events are taken.</summary>
    public ReceiveResult Fault { get; private set; }

    /// <summary>Checks an event before anything of it is used; the first event opens the stream.</summary>
    /// <param name="body">Holds the event.</param>
    /// <param name="place">Where it stands in the body.</param>
    public ReceiveResult Check(ReadOnlySpan<byte> body, Slice place)
    {
        if (TailSchema.Check(body.Slice(place.Offset, place.Length), TailMessage.TailEvent) is { } fault)
        {
            return Bad(fault.Message);
        }

        var happened = EventFields.Read(body, place);
        if (happened.Sequence is 0 or > LastSequence)
        {
            return Bad($"sequence is {happened.Sequence}; legal are 1 to {LastSequence}");
        }

        var id = body.Slice(happened.StreamId.Offset, happened.StreamId.Length);
        var result = StreamId is null ? Open(id)
            : id.IsEmpty || Encoding.UTF8.GetString(id) == StreamId ? ReceiveResult.Ok
            : Bad($"stream_id is another than '{StreamId}', which the call began with; legal are that and none");
        _last = result.IsOk ? happened.Sequence : _last;
        return result;
    }

    /// <summary>
    /// Whether an event is new; then the part must store it. Otherwise it is counted, or the fault says what is wrong.
    /// </summary>
    public bool TryAdd(StreamPart part, ulong sequence, ReadOnlySpan<byte> worker)
    {
        var addition = streams.TryAdd(_watch!, part, sequence, worker);
        if (addition == StreamAddition.TooManyHoles)
        {
            Fault = ReceiveResult.BadData(
                $"sequence {sequence} came while {StreamProgress.MaxHoles} ranges of the stream are missing, and no more may be; fill those first, as 'dropped' lists them and from their ends, or take a new stream_id");
        }

        return addition == StreamAddition.Added;
    }

    /// <summary>The stream's progress, if it has changed since the last call of this method.</summary>
    public StreamProgress? News() => _watch is null ? null : streams.News(_watch);

    /// <summary>
    /// Waits until the stream's progress may have changed. False: no more events arrive, and after one more
    /// <see cref="News"/> the caller knows what became of all that did.
    /// </summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        await _news.Reader.ReadAsync(cancellation);
        return !_isComplete || (_watch is not null && !streams.IsSettled(_watch));
    }

    /// <summary>No more events arrive.</summary>
    public void Complete()
    {
        _isComplete = true;
        Wake();
    }

    public void Dispose()
    {
        if (_watch is not null)
        {
            streams.Leave(_watch);
        }
    }

    private ReceiveResult Open(ReadOnlySpan<byte> id)
    {
        if (id.Length is 0 or > MaxIdBytes || !Utf8Text.IsClean(id))
        {
            return Bad($"stream_id has {id.Length} bytes; legal are 1 to {MaxIdBytes} bytes of UTF-8 without NUL in the first event");
        }

        StreamId = Encoding.UTF8.GetString(id);
        _watch = streams.Watch(StreamId, Wake);
        return ReceiveResult.Ok;
    }

    private void Wake() => _news.Writer.TryWrite(true);

    private ReceiveResult Bad(string what) =>
        ReceiveResult.BadData(_last == 0 ? $"the first event: {what}" : $"the event behind sequence {_last}: {what}");
}
