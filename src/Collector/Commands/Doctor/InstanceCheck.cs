using System.Text.Json;

namespace Collector.Commands.Doctor;

/// <summary>A Collector that runs: whether it takes and stores, and what its ledger says.</summary>
internal sealed class InstanceCheck
{
    private const string Topic = "running";

    private InstanceCheck(bool isRunning, params IEnumerable<Finding> findings)
    {
        IsRunning = isRunning;
        Findings = [.. findings];
    }

    public bool IsRunning { get; }

    public IReadOnlyList<Finding> Findings { get; }

    public static async Task<InstanceCheck> AskAsync(CommandContext context, Uri? url, string? keyFile, CancellationToken cancellation)
    {
        if (url is null && context.Options.Listen.Web.Port == 0)
        {
            return new InstanceCheck(
                false, Finding.Ok(Topic, $"not looked for: Listen:Web leaves the port open, and there is no --url"));
        }

        var address = ApiAddress.Of(context, url);
        using var client = new ApiClient(address, ApiAccess.KeyOf(context, address, isHere: url is null, keyFile), OwnTrust.NewHandler(context));
        try
        {
            var status = await client.GetAsync("/api/status", cancellation);
            var ledger = await client.GetAsync("/api/ledger", cancellation);
            return new InstanceCheck(true, [.. Status(address, status), .. Ledger(ledger), .. Door(ledger)]);
        }
        catch (ApiException error) when (error.IsUnreachable)
        {
            // Without --url it is not a fault that no Collector runs.
            return new InstanceCheck(false, url is null
                ? Finding.Ok(Topic, $"no Collector at {address.Authority}")
                : Finding.Fail(Topic, $"{error.Message}"));
        }
        catch (ApiException error)
        {
            return new InstanceCheck(
                false, Finding.Fail(Topic, $"{address.Authority} is not a healthy Collector: {error.Message}"));
        }
    }

    internal static IEnumerable<Finding> Status(Uri address, JsonElement status)
    {
        yield return status.IsTrue("ready")
            ? Finding.Ok(Topic, $"{address.Authority} version {status.Text("version")}, ready")
            : Finding.Fail(Topic, $"{address.Authority} is not ready; collector healthcheck says why");
        var writer = status.Find("writer") ?? default;
        if (writer.IsTrue("store_failing"))
        {
            yield return Finding.Fail(Topic, $"the store fails: {writer.Text("failure")}");
        }

        if ((status.Find("spool") ?? default) is var spool && spool.Count("bytes") > 0)
        {
            yield return Finding.Warn(Topic, $"{ByteText.Of(spool.Count("bytes"))} wait in the spool");
        }
    }

    internal static IEnumerable<Finding> Ledger(JsonElement ledger)
    {
        var total = ledger.Find("total") ?? default;
        string[] places = ["stored", "duplicate", "rejected", "refused", "dropped", "spooled", "in_flight"];
        var received = total.Count("received");
        var told = string.Join(", ", places.Select(place => (place, count: total.Count(place)))
            .Where(static one => one.count > 0).Select(static one => $"{one.count} {one.place}"));
        yield return received == places.Sum(place => total.Count(place))
            ? Finding.Ok("ledger", $"balanced: {received} received; {(told.Length > 0 ? told : "nothing yet")}")
            : Finding.Fail("ledger", $"does not balance: {received} received; {told}");
        if (total.Count("refused") - total.Count("recovered") is > 0 and var away)
        {
            yield return Finding.Warn("ledger", $"{away} refused rows did not come again: they are lost, unless their producer still tries");
        }

        if (total.Count("dropped") > 0)
        {
            var lost = total.Count("dropped");
            yield return Finding.Warn(
                "ledger", $"{lost} rows were lost since the beginning; gaps in answers say when, collector stats whose");
        }
    }

    // Of each reason the sender with the most requests.
    internal static IEnumerable<Finding> Door(JsonElement ledger) =>
        from sender in (ledger.Find("door") ?? default).Items("senders")
        group sender by sender.Text("reason") into reason
        let most = reason.First()
        let requests = reason.Sum(static one => one.Count("requests"))
        select Finding.Warn("door", $"{requests} requests are turned away ({reason.Key}), most of them of {most.Text("address")}: {most.Text("what")}; {most.Text("remedy")}");
}
