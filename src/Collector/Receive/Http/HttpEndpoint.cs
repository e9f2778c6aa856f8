using System.Globalization;
using Collector.Access;
using Collector.Diagnostics;
using Collector.Pipeline.Ledger;
using Collector.Receive.Request;

namespace Collector.Receive.Http;

/// <summary>
/// The HTTP port. For each request it (1) answers what CORS asks, (2) finds the route and checks method, key and type,
/// (3) runs the route, and (4) answers in the request's own encoding, errors too.
/// </summary>
internal sealed partial class HttpEndpoint
{
    private const string ProtobufType = "application/x-protobuf";
    private const string JsonType = "application/json";
    private const string JsonLinesType = "application/x-ndjson";

    private readonly Dictionary<string, IHttpRoute> _routes;
    private readonly string _legal;
    private readonly DoorLedger _door;
    private readonly AccessRule _access;
    private readonly Cors _cors;
    private readonly BodyLimits _limits;
    private readonly CollectorMetrics _metrics;
    private readonly ILogger<HttpEndpoint> _log;

    public HttpEndpoint(
        IEnumerable<IHttpRoute> routes, AccessRule access, Cors cors, DoorLedger door, BodyLimits limits, CollectorMetrics metrics,
        ILogger<HttpEndpoint> log)
    {
        _routes = routes.ToDictionary(route => route.Path, StringComparer.Ordinal);
        _legal = string.Join(", ", _routes.Values.Where(static route => route.Signal != RequestSignal.Metrics).Select(static route => route.Path));
        _access = access;
        _cors = cors;
        _door = door;
        _limits = limits;
        _metrics = metrics;
        _log = log;
    }

    public async Task HandleAsync(HttpContext context)
    {
        // 1.
        if (_cors.Answer(context))
        {
            return;
        }

        // 2. and 3.
        var kind = KindOf(context.Request);
        var route = RouteOf(context.Request.Path.Value ?? "");
        var refusal = Check(context, route, kind, out var key, out var codings);
        var answer = refusal.IsOk
            ? await RunAsync(context, route!, kind!.Value, new HttpBody(context.Request, codings, key, _limits))
            : new HttpAnswer(refusal, []);

        // 4.
        _metrics.RequestEnded(
            RequestTransport.Http, route?.Signal ?? RequestSignal.Unknown, answer.Outcome.Label);
        _door.Count(context, answer.Outcome);
        await AnswerAsync(context, answer, kind ?? ContentKind.Json);
    }

    // By its end: a base address that has a path already, a path given twice or a slash behind it are what people set, and
    // what they mean is clear.
    private IHttpRoute? RouteOf(string path) =>
        _routes.TryGetValue(path, out var exact)
            ? exact
            : _routes.Values.FirstOrDefault(route => path.AsSpan().TrimEnd('/').EndsWith(route.Path, StringComparison.Ordinal));

    private ReceiveResult Check(HttpContext context, IHttpRoute? route, ContentKind? kind, out AccessKey? key, out IReadOnlyList<Coding> codings)
    {
        (key, codings) = (null, []);
        var request = context.Request;
        if (route is null)
        {
            return new ReceiveResult(
                ReceiveStatus.Unimplemented, $"no path {request.Path}; there are {_legal}");
        }

        if (request.Method != HttpMethods.Post)
        {
            context.Response.Headers.Allow = HttpMethods.Post;
            return new ReceiveResult(ReceiveStatus.WrongMethod, $"method {request.Method} is not allowed; legal is POST");
        }

        var access = _access.Check(request.Headers.Authorization);
        if (!access.IsGranted)
        {
            context.Response.Headers.WWWAuthenticate = access.Verdict == AccessVerdict.Unauthenticated ? "Bearer" : default;
            return ReceiveResult.Denied(access);
        }

        key = access.Key;

        if (kind is null)
        {
            context.Response.Headers.Accept = $"{ProtobufType}, {JsonType}";
            return new ReceiveResult(
                ReceiveStatus.WrongContentType, $"content-type '{request.ContentType}' is not understood; legal are {ProtobufType} and {JsonType}");
        }

        if (Codings.TryReadHttp(request.Headers.ContentEncoding, out codings))
        {
            return ReceiveResult.Ok;
        }

        var encoding = request.Headers.ContentEncoding.ToString();
        context.Response.Headers.AcceptEncoding = Codings.ForHttp;
        return ReceiveResult.UnknownEncoding("content-encoding", encoding, $"identity, {Codings.ForHttp}, and two of them at most");
    }

    private static ContentKind? KindOf(HttpRequest request)
    {
        var type = request.ContentType.AsSpan();
        var end = type.IndexOf(';');
        type = (end < 0 ? type : type[..end]).Trim();
        return type.Equals(ProtobufType, StringComparison.OrdinalIgnoreCase) ? ContentKind.Protobuf
            : type.Equals(JsonType, StringComparison.OrdinalIgnoreCase) || type.Equals(JsonLinesType, StringComparison.OrdinalIgnoreCase)
                ? ContentKind.Json
            : null;
    }

    private async ValueTask<HttpAnswer> RunAsync(
        HttpContext context, IHttpRoute route, ContentKind kind, HttpBody body)
    {
        try
        {
            return await route.HandleAsync(body, kind, context.RequestAborted);
        }
        catch (Exception error)
        {
            var failed = ReceiveResult.Of(error, hasCallerLeft: true);
            if (failed.Status == ReceiveStatus.Failed)
            {
                RequestFailed(context.Request.Path, error);
            }

            return new HttpAnswer(failed, []);
        }
    }

    private static async ValueTask AnswerAsync(HttpContext context, HttpAnswer answer, ContentKind kind)
    {
        var row = ReceiveStatusTable.Of(answer.Outcome.Status);
        var response = context.Response;
        response.StatusCode = row.Http;
        response.ContentType = kind == ContentKind.Json ? JsonType : ProtobufType;
        DuplicateHeader.Set(response, answer.Outcome);
        if (row.IsRetryable)
        {
            response.Headers.RetryAfter = StatusMessage.RetryAfterSeconds.ToString(CultureInfo.InvariantCulture);
        }

        var message = answer.Outcome.IsOk ? answer.Message
            : kind == ContentKind.Json ? StatusMessage.ToJson(answer.Outcome)
            : StatusMessage.ToProto(answer.Outcome);
        response.ContentLength = message.Length;
        await response.BodyWriter.WriteAsync(message, context.RequestAborted);
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "The request {Path} failed")]
    private partial void RequestFailed(string path, Exception error);
}
