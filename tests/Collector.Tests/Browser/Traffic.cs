using System.Globalization;
using Collector.Tests.Support;

namespace Collector.Tests.Browser;

/// <summary>
/// The last hour of a shop with a lot to do: orders that go through five workers, twenty rows each, of every level and
/// kind; a wave over the hour, an incident at the bank, one worker whose clock is behind.
/// </summary>
internal sealed class Traffic(CollectorProcess collector, DateTimeOffset end, int orders)
{
    private const int OrdersOfARequest = 50;
    private const double Hour = 3_600_000;

    private static readonly string[] _workers = ["gateway", "orders", "payments", "inventory", "mailer"];

    private readonly Random _random = new(7);
    private readonly Dictionary<string, TrafficRows> _rows = _workers.ToDictionary(worker => worker, _ => new TrafficRows());

    /// <summary>The correlation id of an order.</summary>
    public static string IdOf(int number) => $"order-{number.ToString("d6", CultureInfo.InvariantCulture)}";

    public async Task SendAsync()
    {
        using var wire = new Wire();
        for (var number = 0; number < orders; number++)
        {
            Write(number);
            if ((number + 1) % OrdersOfARequest == 0 || number + 1 == orders)
            {
                foreach (var (worker, rows) in _rows)
                {
                    await rows.SendAsync(wire, collector, worker);
                }
            }
        }
    }

    private void Write(int number)
    {
        var share = (double)number / orders;
        var isIncident = share is > 0.62 and < 0.68;
        var fails = _random.NextDouble() < (isIncident ? 0.3 : 0.004);
        var (pay, stock) = (Around(isIncident ? 900 : 120), Around(35));
        var total = pay + stock + Around(40);
        var order = new TrafficOrder(_rows, number, end.ToUnixTimeMilliseconds() - 2_000 - ((1 - share - (0.05 * Math.Sin(share * 4 * Math.PI))) * Hour));
        WriteSpans(order, total, pay, stock, fails);
        WriteLogs(order, total, pay, stock, fails);
        if (isIncident && !fails)
        {
            order.Log("payments", 9, stock + pay, "warn", "the bank is slow: second attempt");
        }
    }

    private static void WriteSpans(TrafficOrder order, double total, double pay, double stock, bool fails)
    {
        order.Span("gateway", (1, 0), "POST /orders", true, (0, total), fails);
        order.Span("orders", (2, 1), "Orders.Place", true, (2, total - 4), fails);
        order.Span("orders", (3, 2), "INSERT orders", false, (4, 6));
        order.Span("orders", (4, 2), "reserve", false, (12, stock + 4));
        // The inventory's clock is behind, so that its rows seem to begin before they were asked for.
        order.Span("inventory", (5, 4), "Inventory.Reserve", true, (-26, stock));
        order.Span("inventory", (6, 5), "SELECT stock", false, (-24, stock / 2));
        order.Span("orders", (7, 2), "charge", false, (stock + 20, pay + 3));
        order.Span("payments", (8, 7), "Payments.Charge", true, (stock + 22, pay), fails);
        order.Span("payments", (9, 8), "POST bank.example/v2/charges", false, (stock + 25, pay - 6), fails);
    }

    private void WriteLogs(TrafficOrder order, double total, double pay, double stock, bool fails)
    {
        order.Log("gateway", 1, 1, "info", $"POST /orders from 198.51.100.{_random.Next(1, 255)}");
        order.Log("orders", 2, 3, "debug", $"basket has {_random.Next(1, 9)} lines");
        order.Log("orders", 2, 5, "info", $"{order.Id} accepted, total {_random.Next(5, 900)}.90 EUR");
        order.Log("inventory", 5, -20, "debug", "all lines are in stock");
        order.Log("payments", 8, stock + 24, "info", $"charging the card of {order.Id}");
        order.Log("payments", 9, stock + 26, "debug", "connection to bank.example is used again");
        if (fails)
        {
            order.Log("payments", 8, stock + pay, "error", "card declined: the bank did not answer");
            order.Exception("payments", 8, stock + pay + 0.2);
        }
        else
        {
            order.Log("payments", 8, stock + pay, "info", "card charged");
            order.Log("orders", 2, total - 5, "info", $"{order.Id} is on its way");
        }

        order.Log("gateway", 1, total, fails ? "error" : "info", fails ? "502 for POST /orders" : "201 for POST /orders");
        order.Log("mailer", 0, total + 60, order.Number % 400 == 0 ? "warn" : "info", order.Number % 400 == 0 ? "the mail server says: try later" : $"confirmation of {order.Id} was sent");
        order.Log("mailer", 0, total + 62, "debug", "the outbox is empty");
    }

    // Mostly near the middle, at times three times as long.
    private double Around(double milliseconds) =>
        milliseconds * Math.Exp(_random.NextDouble() + _random.NextDouble() + _random.NextDouble() - 1.5);
}
