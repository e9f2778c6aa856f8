using System.Buffers;
using System.IO.Pipelines;
using Collector.Model;
using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>
/// The messages of a streaming call, one after the other. While it waits for one it holds nothing but what has come of
/// it, and no timer runs: a stream may be silent for as long as it likes. Waiting can be cancelled and begun again.
/// </summary>
internal sealed class GrpcMessages(HttpRequest request, BodyLimits limits)
{
    // A message up to this length is read when all of it is there. Longer ones would not fit the connection's window.
    private const int Small = 64 * 1024;

    private readonly PipeReader _pipe = request.BodyReader;
    private readonly BodyReader _body = new(request.BodyReader, limits);

    // Of the read that is not given back to the pipe yet.
    private ReadOnlySequence<byte> _rest;
    private bool _isReading;

    /// <summary>Largest message, before and after decompression.</summary>
    public int MaxBytes => limits.MaxBytes;

    /// <summary>Nothing more comes; a message that is cut short remains in <see cref="Left"/>.</summary>
    public bool IsAtEnd { get; private set; }

    /// <summary>Bytes that have come and are no message yet.</summary>
    public long Left => _rest.Length;

    /// <summary>
    /// Whether a message can be taken without waiting; a long one by waiting for the rest of it only. Where its prefix is
    /// wrong the result says so, and nothing more can be read.
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

    /// <summary>Waits until more has come, or the end.</summary>
    /// <exception cref="OperationCanceledException">The token was cancelled; nothing is lost.</exception>
    public async ValueTask WaitAsync(CancellationToken cancellation)
    {
        GiveBack(_rest.Start, _rest.End);
        var read = await _pipe.ReadAsync(cancellation);
        _isReading = true;
        _rest = read.Buffer;
        IsAtEnd = read.IsCompleted;
    }

    /// <summary>Appends the message that was peeked at, as it came.</summary>
    /// <exception cref="TimeoutException">The rest of a long one did not come in time.</exception>
    public async ValueTask<ReceiveResult> TakeAsync(GrpcFrame frame, ByteBuffer target, CancellationToken cancellation)
    {
        _rest = _rest.Slice(GrpcFrame.PrefixLength);
        if (!IsLong(frame))
        {
            Append(_rest.Slice(0, frame.Length), target);
            _rest = _rest.Slice(frame.Length);
            return ReceiveResult.Ok;
        }

        GiveBack(_rest.Start, _rest.Start);
        IsAtEnd = false; // That was said of a read which is given back now.
        return await _body.ReadExactlyAsync(target, frame.Length, cancellation)
            ? ReceiveResult.Ok
            : ReceiveResult.BadData($"the message is cut short: it should have {frame.Length} bytes");
    }

    /// <summary>Too long to wait for it together with others.</summary>
    public static bool IsLong(GrpcFrame frame) => frame.Length > Small;

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
