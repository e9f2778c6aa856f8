using System.Net;

namespace Collector.Hosting;

/// <summary><c>collector healthcheck</c>: asks the running Collector whether it is ready, for images without curl.</summary>
internal static class HealthCommand
{
    public const string Name = "healthcheck";

    public static async Task<int> RunAsync(IPEndPoint web)
    {
        var address = web.Address.Equals(IPAddress.Any) ? IPAddress.Loopback
            : web.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback
            : web.Address;
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(3) };
        try
        {
            using var response = await client.GetAsync(new Uri($"http://{new IPEndPoint(address, web.Port)}/readyz"));
            Console.Out.Write(await response.Content.ReadAsStringAsync());
            return response.IsSuccessStatusCode ? ExitCode.Ok : ExitCode.Failed;
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            Console.Error.WriteLine(error.Message);
            return ExitCode.Failed;
        }
    }
}
