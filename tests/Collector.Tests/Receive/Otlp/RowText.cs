using System.Globalization;
using System.Text;

namespace Collector.Tests.Receive.Otlp;

/// <summary>Rows as a snapshot shows them: what has a value, in a fixed order.</summary>
internal static class RowText
{
    public static string Of(IEnumerable<DecodedRow> rows)
    {
        var text = new StringBuilder();
        foreach (var row in rows)
        {
            text.Append(CultureInfo.InvariantCulture, $"{row.Timestamp} {row.Level} {row.Kind} {row.Worker}");
            Append(text, "wall", row.WallTimeMs?.ToString(CultureInfo.InvariantCulture));
            Append(text, "outcome", row.Outcome);
            text.Append('\n');
            Append(text, "message", row.Message);
            Append(text, "correlation", row.CorrelationId);
            Append(text, "request", row.RequestId);
            Append(text, "trace", row.TraceId);
            Append(text, "span", row.SpanId);
            Append(text, "parent", row.ParentSpanId);
            Append(text, "context", row.Context);
            Append(text, "resource", row.Resource);
            text.Append("\n\n");
        }

        return text.ToString();
    }

    private static void Append(StringBuilder text, string name, string? value)
    {
        if (!string.IsNullOrEmpty(value))
        {
            text.Append(CultureInfo.InvariantCulture, $"  {name}={value}");
        }
    }
}
