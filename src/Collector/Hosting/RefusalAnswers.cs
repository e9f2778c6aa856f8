using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using Collector.Query;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;

namespace Collector.Hosting;

/// <summary>
/// Gives a body to the answers that Kestrel gives by itself. What it can't read (a line or headers that are too long, no
/// Host) it refuses without a word and without a hook for one; but it says so to who observes it, before it answers.
/// 1. The connection's pipes are replaced by ones that can be turned off. 2. On a refusal they are. 3. When Kestrel is
/// done with the connection, the problem is written to it. 4. What the caller still sends is thrown away, since to close
/// the connection under it would lose the answer.
/// </summary>
internal sealed class RefusalAnswers(int maxLineBytes, TimeProvider clock) : IObserver<KeyValuePair<string, object?>>
{
    // What Kestrel calls it.
    private const string Event = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private const long MaxThrownAway = 8 << 20;

    // As long as Kestrel itself waits for a body that nobody reads.
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);

    /// <summary>For every address that is listened on afterwards.</summary>
    public static void AddTo(Microsoft.AspNetCore.Server.Kestrel.Core.KestrelServerOptions kestrel, int maxLineBytes, TimeProvider clock)
    {
        var answers = new RefusalAnswers(maxLineBytes, clock);
        kestrel.Limits.MaxRequestLineSize = maxLineBytes;
        // Questions have no bodies: of what is sent without being read yet, less is kept than a body would need.
        kestrel.ApplicationServices.GetRequiredService<IOptions<SocketTransportOptions>>().Value.MaxReadBufferSize = 2 * maxLineBytes;
        kestrel.ConfigureEndpointDefaults(listen => listen.Use(next => connection => answers.RunAsync(connection, next)));
        kestrel.ApplicationServices.GetRequiredService<DiagnosticListener>().Subscribe(answers, static name => name == Event);
    }

    private async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var pipes = new RefusablePipes(connection.Transport);
        connection.Transport = pipes;
        connection.Features.Set(pipes);
        try
        {
            await next(connection);
        }
        finally
        {
            connection.Transport = pipes.Connection;
        }

        if (pipes.Refusal is { } refusal)
        {
            await AnswerAsync(connection, refusal);
        }
    }

    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value.Key == Event
            && value.Value is IFeatureCollection features
            && features.Get<RefusablePipes>() is { } pipes
            // Behind a part of an answer it would look like its end; and HEAD has none.
            && features.Get<IHttpResponseFeature>() is { HasStarted: false }
            && features.Get<IHttpRequestFeature>()?.Method != HttpMethods.Head)
        {
            pipes.Refusal = features.Get<IBadRequestExceptionFeature>()?.Error as BadHttpRequestException;
        }
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    private async Task AnswerAsync(ConnectionContext connection, BadHttpRequestException refusal)
    {
        using var timeout = new CancellationTokenSource(_timeout, clock);
        var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        using var end = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, stopping, connection.ConnectionClosed);
        var (input, output) = (connection.Transport.Input, connection.Transport.Output);
        try
        {
            // What Kestrel has looked at and left: a read that is cancelled gives it, and does not wait for more.
            input.CancelPendingRead();
            var read = await input.ReadAsync(end.Token);
            Write(output, RefusedRequest.Describe(refusal, read.Buffer, maxLineBytes));
            await output.FlushAsync(end.Token);
            await ThrowAwayAsync(input, read, end.Token);
        }
        catch (Exception gone) when (gone is OperationCanceledException or IOException)
        {
            // The caller's own loss.
        }

        await output.CompleteAsync();
        await input.CompleteAsync();
    }

    // To the end of the request, so that who waits for the connection's end gets it at once.
    private static async Task ThrowAwayAsync(PipeReader input, ReadResult read, CancellationToken end)
    {
        for (var left = MaxThrownAway; left > 0; read = await input.ReadAsync(end))
        {
            left -= read.Buffer.Length;
            var isEnd = read.IsCompleted || IsEndOfHeaders(read.Buffer);
            input.AdvanceTo(read.Buffer.End);
            if (isEnd)
            {
                return;
            }
        }
    }

    private static bool IsEndOfHeaders(in ReadOnlySequence<byte> read) =>
        read.Length >= 4 && read.Slice(read.Length - 4).ToArray().AsSpan().SequenceEqual("\r\n\r\n"u8);

    private void Write(PipeWriter output, Problem problem)
    {
        var body = new ArrayBufferWriter<byte>();
        problem.WriteTo(body);
        var head = string.Create(CultureInfo.InvariantCulture, $"""
            HTTP/1.1 {problem.Status} {ReasonPhrases.GetReasonPhrase(problem.Status)}
            Content-Length: {body.WrittenCount}
            Content-Type: {Problem.ContentType}
            Connection: close
            Date: {clock.GetUtcNow():R}
            Cache-Control: no-store
            X-Content-Type-Options: nosniff


            """);
        output.Write(Encoding.ASCII.GetBytes(head.ReplaceLineEndings("\r\n")));
        output.Write(body.WrittenSpan);
    }
}
