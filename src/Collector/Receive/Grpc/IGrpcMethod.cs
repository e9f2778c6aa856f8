using Collector.Diagnostics;
using Collector.Receive.Request;

namespace Collector.Receive.Grpc;

/// <summary>One method of a service.</summary>
internal interface IGrpcMethod
{
    /// <summary><c>package.Service</c></summary>
    string Service { get; }

    string Name { get; }

    RequestSignal Signal { get; }

    /// <summary>A call goes on until its caller ends it.</summary>
    bool IsStream => false;

    /// <summary>
    /// Answers a call. The token is cancelled when the caller leaves or its deadline passes, and throws then as
    /// <see cref="OperationCanceledException"/>.
    /// </summary>
    ValueTask<GrpcAnswer> InvokeAsync(GrpcCall call, CancellationToken cancellation);
}

/// <param name="Outcome">How it ended.</param>
/// <param name="Message">The response message when it ended well; null where a streaming method has sent what there was.
/// </param>
internal readonly record struct GrpcAnswer(ReceiveResult Outcome, byte[]? Message);
