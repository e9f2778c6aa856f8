using Collector.Access;
using Collector.Model;
using Collector.Pipeline.Queue;

namespace Collector.Receive.Request;

/// <summary>A transport's way to one request's message.</summary>
internal interface IRequestBody
{
    /// <summary>The key that it came with; null where anybody may send.</summary>
    AccessKey? Key { get; }

    /// <summary>
    /// Reserves memory, then reads and decompresses the whole message. The buffer is the caller's to dispose; it is null
    /// exactly where the result is not Ok.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller left before its message was complete.</exception>
    ValueTask<(ReceiveResult Result, ByteBuffer? Message)> ReadAsync(ByteLease lease, CancellationToken cancellation);
}
