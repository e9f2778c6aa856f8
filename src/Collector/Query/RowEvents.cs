using System.Buffers;
using System.Globalization;
using System.Text.Json;
using Collector.Model;

namespace Collector.Query;

/// <summary>Writes rows as server-sent events; a row's id is its arrival. For one thread at a time.</summary>
internal sealed class RowEvents : IDisposable
{
    private const int MaxDigits = 20;

    private readonly Utf8JsonWriter _json = new(Stream.Null, ApiJson.WriterOptions);

    public void Write(in StoredRow row, IBufferWriter<byte> into)
    {
        into.Write("event: log\nid: "u8);
        Write(row.Position.Arrival.Segment, into);
        into.Write("-"u8);
        Write(row.Position.Arrival.Row, into);
        into.Write("\ndata: "u8);
        _json.Reset(into);
        RowJson.Write(_json, row);
        _json.Flush();
        into.Write("\n\n"u8);
    }

    public void Dispose() => _json.Dispose();

    private static void Write(long number, IBufferWriter<byte> into)
    {
        number.TryFormat(into.GetSpan(MaxDigits), out var written, provider: CultureInfo.InvariantCulture);
        into.Advance(written);
    }
}
