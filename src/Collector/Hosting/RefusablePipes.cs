using System.IO.Pipelines;

namespace Collector.Hosting;

/// <summary>
/// A connection's pipes as the server sees them: itself, until it refuses a request. From then on what it writes is
/// thrown away, and what it completes stays open, so that somebody else can say why.
/// </summary>
internal sealed class RefusablePipes : IDuplexPipe
{
    public RefusablePipes(IDuplexPipe connection)
    {
        Connection = connection;
        Input = new Reader(this);
        Output = new Writer(this);
    }

    /// <summary>The connection itself.</summary>
    public IDuplexPipe Connection { get; }

    public PipeReader Input { get; }

    public PipeWriter Output { get; }

    /// <summary>Why the server refuses; null while it does not.</summary>
    public BadHttpRequestException? Refusal { get; set; }

    private sealed class Reader(RefusablePipes pipes) : PipeReader
    {
        private readonly PipeReader _inner = pipes.Connection.Input;

        public override void AdvanceTo(SequencePosition consumed) => _inner.AdvanceTo(consumed);

        public override void AdvanceTo(SequencePosition consumed, SequencePosition examined) => _inner.AdvanceTo(consumed, examined);

        public override void CancelPendingRead() => _inner.CancelPendingRead();

        public override void Complete(Exception? exception = null)
        {
            if (pipes.Refusal is null)
            {
                _inner.Complete(exception);
            }
        }

        public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default) => _inner.ReadAsync(cancellationToken);

        public override bool TryRead(out ReadResult result) => _inner.TryRead(out result);
    }

    private sealed class Writer(RefusablePipes pipes) : PipeWriter
    {
        private readonly PipeWriter _inner = pipes.Connection.Output;

        public override bool CanGetUnflushedBytes => _inner.CanGetUnflushedBytes;

        public override long UnflushedBytes => _inner.UnflushedBytes;

        public override void Advance(int bytes)
        {
            if (pipes.Refusal is null)
            {
                _inner.Advance(bytes);
            }
        }

        public override void CancelPendingFlush() => _inner.CancelPendingFlush();

        public override void Complete(Exception? exception = null)
        {
            if (pipes.Refusal is null)
            {
                _inner.Complete(exception);
            }
        }

        public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
            pipes.Refusal is null ? _inner.FlushAsync(cancellationToken) : new(new FlushResult(isCanceled: false, isCompleted: false));

        // Of the connection's own memory either way: what is not advanced is not sent.
        public override Memory<byte> GetMemory(int sizeHint = 0) => _inner.GetMemory(sizeHint);

        public override Span<byte> GetSpan(int sizeHint = 0) => _inner.GetSpan(sizeHint);
    }
}
