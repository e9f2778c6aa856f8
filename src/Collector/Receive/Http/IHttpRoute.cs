using Collector.Diagnostics;
using Collector.Receive.Request;

namespace Collector.Receive.Http;

/// <summary>One path of the HTTP port; answers POST.</summary>
internal interface IHttpRoute
{
    string Path { get; }

    RequestSignal Signal { get; }

    /// <summary>
    /// Reads and answers the request; where the result says that it failed, the endpoint answers. The token is cancelled
    /// when the caller leaves, and throws then as <see cref="OperationCanceledException"/>.
    /// </summary>
    ValueTask<HttpAnswer> HandleAsync(HttpBody body, ContentKind kind, CancellationToken cancellation);
}

/// <summary>The two encodings of a message; an answer has its request's.</summary>
internal enum ContentKind
{
    Protobuf,
    Json,
}

/// <param name="Outcome">How it ended.</param>
/// <param name="Message">The response when it ended well, in the request's encoding.</param>
internal readonly record struct HttpAnswer(ReceiveResult Outcome, byte[] Message);
