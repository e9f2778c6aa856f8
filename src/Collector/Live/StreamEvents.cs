using System.Globalization;
using System.Text;
using System.Text.Json;
using Collector.Model;

namespace Collector.Live;

/// <summary>
/// The events of a live stream that are not rows. Their id, like a row's, is an arrival: a client that comes back with it
/// is given what arrived behind it.
/// </summary>
internal static class StreamEvents
{
    /// <summary>The newest rows have been given; from here on they come as they are committed.</summary>
    public static byte[] Live(Arrival from) => Text($"event: live\nid: {from.Segment}-{from.Row}\ndata: {{}}\n\n");

    /// <summary>Nothing that arrived up to here is still to come. A sign of life, too.</summary>
    public static byte[] Watermark(Arrival at) => Text($"event: watermark\nid: {at.Segment}-{at.Row}\ndata: {{}}\n\n");

    /// <summary>So many rows are left out.</summary>
    public static byte[] Skipped(long count) => Text($"event: skipped\ndata: {{\"count\":{count}}}\n\n");

    /// <summary>The last event: why the server ends the stream, and behind what a client may go on.</summary>
    public static byte[] Cut(string reason, Arrival reached)
    {
        var data = JsonSerializer.Serialize(new Dictionary<string, string> { ["reason"] = reason, ["resume"] = $"{reached.Segment}-{reached.Row}" });
        return Encoding.UTF8.GetBytes(string.Create(
            CultureInfo.InvariantCulture, $"event: cut\nid: {reached.Segment}-{reached.Row}\ndata: {data}\n\n"));
    }

    private static byte[] Text(FormattableString text) => Encoding.ASCII.GetBytes(text.ToString(CultureInfo.InvariantCulture));
}
