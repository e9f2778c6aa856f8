using System.IO.Pipelines;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Collector.Tests.Receive.Grpc;

/// <summary>A request whose body comes when the test writes it, and is read within the write.</summary>
internal sealed class PipedRequest : IRequestBodyPipeFeature
{
    private readonly Pipe _pipe = new(new PipeOptions(
        readerScheduler: PipeScheduler.Inline, pauseWriterThreshold: 0, useSynchronizationContext: false));

    public PipedRequest()
    {
        var context = new DefaultHttpContext();
        context.Features.Set<IRequestBodyPipeFeature>(this);
        Request = context.Request;
    }

    public HttpRequest Request { get; }

    public PipeReader Reader => _pipe.Reader;

    public PipeWriter Writer => _pipe.Writer;
}
