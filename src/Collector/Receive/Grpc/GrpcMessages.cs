using System.Buffers;
using System.IO.Pipelines;
using Collector.Access;
using Collector.Model;
using Collector.Pipeline.Queue;
using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>
/// The messages of a streaming call, one after the other. While it waits for a message it holds only the bytes of it that
/// have arrived. A stream may be silent for any time between two messages; a message that has begun must go on. Waiting can
/// be cancelled and begun again.
/// </summary>
internal sealed class GrpcMessages(HttpRequest request, BodyLimits limits)
{
    // A message up to this length is read when all of it has arrived; a longer one would not fit the connection's window.
    private const int Small = 64 * 1024;

    private static readonly TimeSpan _leastWait = TimeSpan.FromSeconds(1);

    private readonly PipeReader _pipe = request.BodyReader;
    private readonly BodyReader _body = new(request.BodyReader, limits);

    // Bytes of a read that was not given back to the pipe yet.
    private ReadOnlySequence<byte> _rest;
    private bool _isReading;

    // When the message at hand, of which a part has come, was first waited for.
    private long? _begunAt;

    /// <summary>The key that the call came with; null where anybody may send.</summary>
    public AccessKey? Key { get; init; }

    /// <summary>Inflates and frees a message that was flagged as compressed.</summary>
    public (ReceiveResult Result, ByteBuffer Message) Inflate(ByteBuffer compressed, IByteAllowance allowance) =>
        Codings.Inflate(GrpcHeaders.CodingOf(request)!.Alone, compressed, allowance, limits.MaxBytes);

    /// <summary>The body has ended; a message that is cut short remains in <see cref="Left"/>.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Bytes that have arrived and are not a whole message yet.</summary>
    public long Left => _rest.Length;

    /// <summary>
    /// Whether a message can be taken without waiting, or, where it is long, by waiting for the rest of it only. Where its
    /// prefix is wrong, the result says so, and nothing more can be read.
    /// </summary>
    public bool TryPeek(out GrpcFrame frame, out ReceiveResult result)
    {
        frame = default;
        result = ReceiveResult.Ok;
        if (_rest.Length < GrpcFrame.PrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[GrpcFrame.PrefixLength];
        _rest.Slice(0, prefix.Length).CopyTo(prefix);
        result = GrpcFrame.Parse(prefix, request, limits, out frame);
        return !result.IsOk || IsLong(frame) || _rest.Length >= GrpcFrame.PrefixLength + frame.Length;
    }

    /// <summary>Waits until more bytes arrive, or the end.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    /// <exception cref="TimeoutException">A message has begun and does not go on.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        var (left, hasBegun) = (Left, Left > 0);
        _begunAt = hasBegun ? _begunAt : null;
        GiveBack(_rest.Start, _rest.End);
        var read = hasBegun ? await ReadOnAsync(left, cancellation) : await _pipe.ReadAsync(cancellation);
        _isReading = true;
        _rest = read.Buffer;
        IsAtEnd = read.IsCompleted;
    }

    /// <summary>Appends the message that was peeked at, compressed or not.</summary>
    /// <exception cref="TimeoutException">The rest of a long message did not arrive in time.</exception>
    public async ValueTask<ReceiveResult> TakeAsync(GrpcFrame frame, ByteBuffer target, ByteLease lease, CancellationToken cancellation)
    {
        _begunAt = null;
        _rest = _rest.Slice(GrpcFrame.PrefixLength);
        if (!IsLong(frame))
        {
            Append(_rest.Slice(0, frame.Length), target);
            _rest = _rest.Slice(frame.Length);
            return ReceiveResult.Ok;
        }

        GiveBack(_rest.Start, _rest.Start);
        IsAtEnd = false; // It belonged to the read that is given back here.
        return await _body.ReadExactlyAsync(target, frame.Length, lease, cancellation) switch
        {
            BodyEnd.Complete => ReceiveResult.Ok,
            BodyEnd.NoMemory => ReceiveResult.NoMemory(lease),
            _ => ReceiveResult.BadData($"the message is cut short: it should have {frame.Length} bytes"),
        };
    }

    /// <summary>Too long to keep the messages before it waiting.</summary>
    public static bool IsLong(GrpcFrame frame) => frame.Length > Small;

    // The time of a message whose bytes come as slowly as they may. What has come while nobody looked is there at once.
    private async ValueTask<ReadResult> ReadOnAsync(long come, CancellationToken cancellation)
    {
        _begunAt ??= limits.Clock.GetTimestamp();
        if (_pipe.TryRead(out var ready))
        {
            return ready;
        }

        var left = BodyPace.TimeOf(come) - limits.Clock.GetElapsedTime(_begunAt.Value);
        using var timer = new CancellationTokenSource(left > _leastWait ? left : _leastWait, limits.Clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timer.Token, cancellation);
        try
        {
            return await _pipe.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (timer.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            if (limits.Budget is { IsContended: true })
            {
                _begunAt = null;
                return await ReadOnAsync(come, cancellation);
            }

            throw new TimeoutException(BodyPace.Message);
        }
    }

    private static void Append(in ReadOnlySequence<byte> bytes, ByteBuffer target)
    {
        foreach (var segment in bytes)
        {
            target.Append(segment.Span);
        }
    }

    private void GiveBack(SequencePosition consumed, SequencePosition examined)
    {
        if (_isReading)
        {
            _pipe.AdvanceTo(consumed, examined);
            _isReading = false;
            _rest = default;
        }
    }
}
