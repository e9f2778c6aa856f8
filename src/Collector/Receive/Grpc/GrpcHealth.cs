using Grpc.Core;
using Grpc.Health.V1;
using static Grpc.Health.V1.HealthCheckResponse.Types;

namespace Collector.Receive.Grpc;

/// <summary>grpc.health.v1: a service is SERVING exactly while <c>/readyz</c> is 200.</summary>
/// <param name="whyNotReady">Null where rows are taken.</param>
/// <param name="services">Names that may be asked for, beside the empty one for the whole server.</param>
/// <param name="clock">Times how often watchers are looked after.</param>
/// <param name="stopping">Cancelled when watchers are to leave.</param>
internal sealed class GrpcHealth(
    Func<string?> whyNotReady, IEnumerable<string> services, TimeProvider clock, CancellationToken stopping) : Health.HealthBase
{
    private static readonly TimeSpan _watchPeriod = TimeSpan.FromSeconds(1);

    private readonly HashSet<string> _services = [.. services, ""];

    public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) =>
        _services.Contains(request.Service)
            ? Task.FromResult(new HealthCheckResponse { Status = StatusOf(request.Service) })
            : throw new RpcException(new Status(StatusCode.NotFound, $"there is no service '{request.Service}'"));

    /// <summary>Sends the status at once and whenever it changes.</summary>
    public override async Task Watch(
        HealthCheckRequest request, IServerStreamWriter<HealthCheckResponse> responseStream, ServerCallContext context)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.CancellationToken, stopping);
        using var timer = new PeriodicTimer(_watchPeriod, clock);
        ServingStatus? said = null;
        try
        {
            do
            {
                var status = StatusOf(request.Service);
                if (status != said)
                {
                    await responseStream.WriteAsync(new HealthCheckResponse { Status = status }, context.CancellationToken);
                    said = status;
                }
            }
            while (await timer.WaitForNextTickAsync(ended.Token));
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            context.Status = new Status(StatusCode.Unavailable, "Collector is stopping");
        }
    }

    private ServingStatus StatusOf(string service) =>
        !_services.Contains(service) ? ServingStatus.ServiceUnknown
        : whyNotReady() is null ? ServingStatus.Serving
        : ServingStatus.NotServing;
}
