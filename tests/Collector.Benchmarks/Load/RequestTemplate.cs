using System.Buffers.Binary;
using System.Text;

namespace Collector.Benchmarks.Load;

/// <summary>
/// A gRPC frame with one ExportLogsServiceRequest, built once and then only patched: the load must cost little beside
/// what it measures. A row takes about 450 bytes in the store; ten rows share a correlation id and a trace.
/// </summary>
internal sealed class RequestTemplate
{
    public const int FrameHeader = 5;

    private const int RowsPerCorrelation = 10;
    private const string WorkerPlace = "service-#";
    private const string CorrelationPlace = "cccccccccccccccccccccccccccccccc";
    private const string NumberPlace = "nnnnnnnnnnnn";
    private const int SeverityField = (2 << 3) | 0;
    private const int PhraseLength = 64;
    private const int NoteLength = 48;

    private static readonly string _phrasePlace = new('~', PhraseLength);
    private static readonly string _notePlace = new('^', NoteLength);

    private readonly List<Places> _records = [];
    private readonly int _worker;
    private readonly bool _isVaried;

    public RequestTemplate(int records, bool isVaried = false)
    {
        _isVaried = isVaried;
        var record = OneRecord(isVaried);
        var scope = Bytes(1, Text(1, "Shop.Orders"));
        var resource = Bytes(1, Attribute(1, "service.name", WorkerPlace), Attribute(1, "service.version", "1.14.2"),
            Attribute(1, "host.name", "node-17.example"));
        var message = Bytes(1, resource, Bytes(2, [scope, .. Enumerable.Repeat(record, records)]));
        Frame = new byte[FrameHeader + message.Length];
        BinaryPrimitives.WriteUInt32BigEndian(Frame.AsSpan(1), (uint)message.Length);
        message.CopyTo(Frame, FrameHeader);
        _worker = Frame.AsSpan().IndexOf(Encoding.ASCII.GetBytes(WorkerPlace)) + WorkerPlace.Length - 1;
        FindRecords(record);
    }

    /// <summary>Flag, length, message.</summary>
    public byte[] Frame { get; }

    public ReadOnlySpan<byte> Message => Frame.AsSpan(FrameHeader);

    /// <summary>The correlation id of a row, by the row's number.</summary>
    public static string CorrelationOf(long row)
    {
        var group = (ulong)(row / RowsPerCorrelation);
        return $"{VariedText.Mix(group):x16}{VariedText.Mix(~group):x16}";
    }

    /// <summary>Makes it the request of the rows from this number on.</summary>
    public void Patch(long firstRow, ulong nanos)
    {
        Frame[_worker] = (byte)('0' + (firstRow / Math.Max(1, _records.Count) % 8));
        for (var i = 0; i < _records.Count; i++)
        {
            Patch(_records[i], firstRow + i, nanos + (ulong)i);
        }
    }

    private void Patch(in Places at, long row, ulong nanos)
    {
        var group = (ulong)(row / RowsPerCorrelation);
        BinaryPrimitives.WriteUInt64LittleEndian(Frame.AsSpan(at.Time), nanos);
        BinaryPrimitives.WriteUInt64LittleEndian(Frame.AsSpan(at.Observed), nanos + 1_000);
        // 90 of 100 are info, the rest debug, warn and error.
        Frame[at.Severity] = (row % 100) switch { < 4 => 5, < 8 => 13, < 10 => 17, _ => 9 };
        WriteHex(at.Correlation, VariedText.Mix(group));
        WriteHex(at.Correlation + 16, VariedText.Mix(~group));
        BinaryPrimitives.WriteUInt64LittleEndian(Frame.AsSpan(at.Trace), VariedText.Mix(group + 1_000_000_007));
        BinaryPrimitives.WriteUInt64LittleEndian(Frame.AsSpan(at.Trace + 8), VariedText.Mix(group + 2_000_000_011));
        BinaryPrimitives.WriteUInt64LittleEndian(Frame.AsSpan(at.Span), VariedText.Mix((ulong)row + 3_000_000_019));
        row.TryFormat(Frame.AsSpan(at.Number, NumberPlace.Length), out _, "d12");
        if (_isVaried)
        {
            VariedText.Write(row, 1, Frame.AsSpan(at.Phrase, PhraseLength));
            VariedText.Plant(row, Frame.AsSpan(at.Phrase, PhraseLength));
            VariedText.Write(row, 2, Frame.AsSpan(at.Note, NoteLength));
        }
    }

    private void WriteHex(int at, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, value);
        Convert.TryToHexStringLower(bytes, Frame.AsSpan(at, 16), out _);
    }

    private void FindRecords(byte[] record)
    {
        var inRecord = Places.In(record);
        for (var from = 0; Frame.AsSpan(from).IndexOf(record) is >= 0 and var found; from += found + record.Length)
        {
            _records.Add(inRecord.MovedBy(from + found));
        }
    }

    private static byte[] OneRecord(bool isVaried) => Bytes(2,
        Fixed64(1, Places.TimeMark), [SeverityField, 9], Text(3, "Information"),
        Bytes(5, Text(1, $"Order {NumberPlace} {(isVaried ? _phrasePlace : "was accepted and goes to the warehouse")}")),
        Attribute(6, "correlation_id", CorrelationPlace),
        isVaried ? Attribute(6, "order.note", _notePlace) : [],
        Attribute(6, "http.request.method", "POST"), Attribute(6, "url.path", "/api/orders"),
        Attribute(6, "order.total", "129.90"),
        Bytes(9, Places.TraceMark), Bytes(10, Places.SpanMark), Fixed64(11, Places.ObservedMark));

    private static byte[] Attribute(int field, string key, string value) =>
        Bytes(field, Text(1, key), Bytes(2, Text(1, value)));

    private static byte[] Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    private static byte[] Fixed64(int field, ulong value) => [.. Varint(((ulong)field << 3) | 1), .. BitConverter.GetBytes(value)];

    private static byte[] Bytes(int field, params byte[][] parts)
    {
        var value = parts.SelectMany(static part => part).ToArray();
        return [.. Varint(((ulong)field << 3) | 2), .. Varint((ulong)value.Length), .. value];
    }

    private static byte[] Varint(ulong value) =>
        value < 0x80 ? [(byte)value] : [(byte)(value | 0x80), .. Varint(value >> 7)];

    /// <summary>Where in the frame a record's changing bytes are.</summary>
    private readonly record struct Places(int Time, int Observed, int Severity, int Correlation, int Trace, int Span, int Number)
    {
        public int Phrase { get; init; }

        public int Note { get; init; }

        public const ulong TimeMark = 0xF1F2F3F4F5F6F7F8;
        public const ulong ObservedMark = 0xE1E2E3E4E5E6E7E8;

        public static byte[] TraceMark { get; } = [.. Enumerable.Repeat((byte)0xD1, 16)];

        public static byte[] SpanMark { get; } = [.. Enumerable.Repeat((byte)0xC1, 8)];

        public static Places In(ReadOnlySpan<byte> record)
        {
            var time = record.IndexOf(BitConverter.GetBytes(TimeMark));
            return new Places(
                time, record.IndexOf(BitConverter.GetBytes(ObservedMark)), time + 9,
                record.IndexOf(Encoding.ASCII.GetBytes(CorrelationPlace)), record.IndexOf(TraceMark),
                record.IndexOf(SpanMark), record.IndexOf(Encoding.ASCII.GetBytes(NumberPlace)))
            {
                Phrase = record.IndexOf(Encoding.ASCII.GetBytes(_phrasePlace)),
                Note = record.IndexOf(Encoding.ASCII.GetBytes(_notePlace)),
            };
        }

        public Places MovedBy(int offset) => new(
            Time + offset, Observed + offset, Severity + offset, Correlation + offset, Trace + offset, Span + offset,
            Number + offset)
        {
            Phrase = Phrase + offset,
            Note = Note + offset,
        };
    }
}
