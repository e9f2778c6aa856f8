using System.Buffers.Binary;
using System.Text;
using Collector.Model;

namespace Collector.Pipeline.Spool;

/// <summary>
/// A batch as bytes and back: its identity, its text, and its rows, each field at a fixed place. Little-endian.
/// </summary>
/// <remarks>
/// Head: version (1 byte), flags (1: has a key, 2: is of a stream), key (32), first log id (16), received (8), lengths of body and built text
/// (4 each), numbers of resources and rows (4 each). Then body, built text, resources (a slice each), rows, the order of groups
/// (a slice); of a stream: lengths of its id and number of its ranges (4 each), id, ranges (first and last, 8 each). A slice is its offset (4;
/// complement where it lies in the built text) and its length (4). Of a large request, whose rows are made anew (flag 4), there
/// are none, and behind the order of groups stand: what they are made of (1), their number (4), the first new id (16), the number of
/// producers (4), for each its name (a slice) and its rows (4).
/// </remarks>
internal static class BatchCodec
{
    private const byte Version = 2;

    // Without the order of groups; of spools before 0.2.
    private const byte OldVersion = 1;
    private const int HeadLength = 1 + 1 + RequestKey.Length + 16 + 8 + (4 * 4);
    private const int SliceLength = 8;
    private const int RowLength = (6 * SliceLength) + 16 + 8 + 8 + 8 + 8 + 8 + 4 + 1 + 1 + 1;
    private const int StreamHeadLength = 4 + 4;
    private const int RangeLength = 16;
    private const byte HasKey = 1;
    private const byte IsOfStream = 2;
    private const byte IsInPieces = 4;
    private const int PiecesHeadLength = 1 + 4 + 16 + 4;
    private const int ProducerLength = SliceLength + 4;
    private const byte HasExecutionTime = 1;
    private const byte HasWallTime = 2;

    public static long LengthOf(RowBatch batch) =>
        (long)HeadLength + batch.Body.Length + batch.Built.Length
        + ((long)batch.Resources.Count * SliceLength) + ((long)batch.Rows.Length * RowLength) + SliceLength
        + (batch.Pieces is null ? 0 : PiecesHeadLength + ((long)batch.Producers.Count * ProducerLength))
        + (batch.Stream is { } part ? StreamHeadLength + Encoding.UTF8.GetByteCount(part.StreamId) + (part.Ranges.Count * RangeLength) : 0);

    /// <summary>Writes exactly <see cref="LengthOf"/> bytes.</summary>
    public static void Write(RowBatch batch, Span<byte> target)
    {
        var writer = new FieldWriter(target);
        writer.Byte(Version);
        writer.Byte((byte)((batch.Key is null ? 0 : HasKey) | (batch.Stream is null ? 0 : IsOfStream) | (batch.Pieces is null ? 0 : IsInPieces)));
        batch.Key.GetValueOrDefault().Write(writer.Take(RequestKey.Length));
        writer.Number(batch.FirstLogId.High);
        writer.Number(batch.FirstLogId.Low);
        writer.Number(batch.ReceivedNanos);
        writer.Number(batch.Body.Length);
        writer.Number(batch.Built.Length);
        writer.Number(batch.Resources.Count);
        writer.Number(batch.Rows.Length);
        batch.Body.Written.CopyTo(writer.Take(batch.Body.Length));
        batch.Built.Written.CopyTo(writer.Take(batch.Built.Length));
        foreach (var resource in batch.Resources)
        {
            writer.Slice(resource);
        }

        foreach (ref readonly var row in batch.Rows)
        {
            Write(ref writer, row);
        }

        writer.Slice(batch.GroupOrder);
        if (batch.Pieces is { } pieces)
        {
            Write(ref writer, batch, pieces);
        }

        if (batch.Stream is { } part)
        {
            Write(ref writer, part);
        }
    }

    /// <summary>
    /// Reads a batch; null where the bytes are none (or memory was refused). Every slice is checked, so that whatever
    /// the bytes say, no row points outside its batch. Does not throw.
    /// </summary>
    /// <param name="source">What was written.</param>
    /// <param name="allowance">Asked for the batch's memory.</param>
    /// <param name="pieces">Makes the rows of large requests; without it they can't be read.</param>
    public static RowBatch? Read(ReadOnlySpan<byte> source, IByteAllowance allowance, IRowPiecesFactory? pieces = null)
    {
        if (!IsAsLongAsItSays(source))
        {
            return null;
        }

        var reader = new FieldReader(source[1..]);
        var flags = reader.Byte();
        var key = RequestKey.Of(reader.Take(RequestKey.Length));
        var firstLogId = new LogId(reader.UInt64(), reader.UInt64());
        var received = reader.UInt64();
        int body = reader.Int32(), built = reader.Int32(), resources = reader.Int32(), rows = reader.Int32();
        var text = ByteBuffer.ForBody(allowance);
        text.Append(reader.Take(body));
        var batch = new RowBatch(text, allowance, received) { FirstLogId = firstLogId, Key = (flags & HasKey) != 0 ? key : null };
        batch.Built.Append(reader.Take(built));
        ReadResources(ref reader, batch, resources);
        ReadRows(ref reader, batch, rows);
        batch.GroupOrder = source[0] == OldVersion || reader.Failed ? default : reader.Slice(batch);
        if ((flags & IsInPieces) != 0)
        {
            ReadPieces(ref reader, batch, pieces);
        }

        if ((flags & IsOfStream) != 0)
        {
            batch.Stream = ReadStream(ref reader, rows);
        }

        if (!reader.Failed && !batch.Refused && !batch.Body.Refused)
        {
            return batch;
        }

        batch.Dispose();
        return null;
    }

    /// <summary>Whether the lengths in the head fit the bytes: quickly told, and rarely so by chance. Does not throw.</summary>
    public static bool IsAsLongAsItSays(ReadOnlySpan<byte> source)
    {
        if (source.Length < HeadLength || source[0] is not (Version or OldVersion))
        {
            return false;
        }

        var reader = new FieldReader(source[(HeadLength - (4 * 4))..]);
        long body = reader.Int32(), built = reader.Int32(), resources = reader.Int32(), rows = reader.Int32();
        var length = HeadLength + body + built + (resources * SliceLength) + (rows * RowLength) + (source[0] == OldVersion ? 0 : SliceLength);
        var isLonger = (source[1] & (IsOfStream | IsInPieces)) != 0;
        return body >= 0 && built >= 0 && resources >= 0 && rows >= 0
            && (isLonger ? length <= source.Length : length == source.Length);
    }

    private static void Write(ref FieldWriter writer, in Row row)
    {
        writer.Slice(row.Worker);
        writer.Slice(row.RequestId);
        writer.Slice(row.CorrelationId);
        writer.Slice(row.Message);
        writer.Slice(row.Context);
        writer.Slice(row.Outcome);
        BinaryPrimitives.WriteUInt128LittleEndian(writer.Take(16), row.TraceId);
        writer.Number(row.SpanId);
        writer.Number(row.ParentSpanId);
        writer.Number(row.TimestampNanos);
        writer.Number((ulong)row.ExecutionTimeMs.GetValueOrDefault());
        writer.Number(BitConverter.DoubleToUInt64Bits(row.WallTimeMs.GetValueOrDefault()));
        writer.Number(row.Resource);
        writer.Byte((byte)row.Level);
        writer.Byte((byte)row.Kind);
        writer.Byte((byte)((row.ExecutionTimeMs is null ? 0 : HasExecutionTime) | (row.WallTimeMs is null ? 0 : HasWallTime)));
    }

    private static void Write(ref FieldWriter writer, RowBatch batch, IRowPieces pieces)
    {
        writer.Byte(pieces.Kind);
        writer.Number(batch.Count);
        writer.Number(pieces.FirstNewId.High);
        writer.Number(pieces.FirstNewId.Low);
        writer.Number(batch.Producers.Count);
        foreach (var producer in batch.Producers)
        {
            writer.Slice(producer.Worker);
            writer.Number(producer.Rows);
        }
    }

    private static void ReadPieces(ref FieldReader reader, RowBatch batch, IRowPiecesFactory? factory)
    {
        reader.Require(reader.Left >= PiecesHeadLength && !batch.Refused && !batch.Body.Refused);
        if (reader.Failed)
        {
            return;
        }

        var (kind, rows, newId) = (reader.Byte(), reader.Int32(), new LogId(reader.UInt64(), reader.UInt64()));
        var producers = new List<ProducerCount>();
        for (long left = reader.Int32(); left > 0 && !reader.Failed; left--)
        {
            reader.Require(reader.Left >= ProducerLength);
            producers.Add(reader.Failed ? default : new ProducerCount(reader.Slice(batch), reader.Int32()));
        }

        var pieces = factory?.Create(kind, newId);
        reader.Require(pieces is not null && rows > 0 && producers.Sum(static producer => (long)producer.Rows) == rows);
        if (!reader.Failed)
        {
            batch.Know(rows, producers, pieces!);
        }
    }

    private static void Write(ref FieldWriter writer, StreamPart part)
    {
        var id = Encoding.UTF8.GetBytes(part.StreamId);
        writer.Number(id.Length);
        writer.Number(part.Ranges.Count);
        id.CopyTo(writer.Take(id.Length));
        foreach (var range in part.Ranges)
        {
            writer.Number(range.First);
            writer.Number(range.Last);
        }
    }

    // An event is a row: more events than rows are a lie that would take long to walk through.
    private static StreamPart? ReadStream(ref FieldReader reader, int rows)
    {
        long id = reader.Left < StreamHeadLength ? -1 : reader.Int32(), ranges = id < 0 ? -1 : reader.Int32();
        reader.Require(id >= 0 && ranges >= 0 && id + (ranges * RangeLength) == reader.Left);
        if (reader.Failed)
        {
            return null;
        }

        var part = new StreamPart(Encoding.UTF8.GetString(reader.Take((int)id)));
        for (ulong left = (ulong)rows; ranges > 0 && !reader.Failed; ranges--)
        {
            var range = new SequenceRange(reader.UInt64(), reader.UInt64());
            reader.Require(range.First > 0 && range.Last >= range.First && range.Last - range.First < left);
            left -= reader.Failed ? 0 : range.Last - range.First + 1;
            part.Add(range);
        }

        return part;
    }

    private static void ReadResources(ref FieldReader reader, RowBatch batch, int count)
    {
        for (var i = 0; i < count; i++)
        {
            batch.AddResource(reader.Slice(batch));
        }
    }

    private static void ReadRows(ref FieldReader reader, RowBatch batch, int count)
    {
        for (var i = 0; i < count && !reader.Failed && !batch.Refused; i++)
        {
            batch.Add(ReadRow(ref reader, batch));
        }
    }

    private static Row ReadRow(ref FieldReader reader, RowBatch batch)
    {
        var row = new Row
        {
            Worker = reader.Slice(batch),
            RequestId = reader.Slice(batch),
            CorrelationId = reader.Slice(batch),
            Message = reader.Slice(batch),
            Context = reader.Slice(batch),
            Outcome = reader.Slice(batch),
            TraceId = BinaryPrimitives.ReadUInt128LittleEndian(reader.Take(16)),
            SpanId = reader.UInt64(),
            ParentSpanId = reader.UInt64(),
            TimestampNanos = reader.UInt64(),
            ExecutionTimeMs = (long)reader.UInt64(),
            WallTimeMs = BitConverter.UInt64BitsToDouble(reader.UInt64()),
            Resource = reader.Int32(),
            Level = (Level)reader.Byte(),
            Kind = (Kind)reader.Byte(),
        };
        var present = reader.Byte();
        row.ExecutionTimeMs = (present & HasExecutionTime) != 0 ? row.ExecutionTimeMs : null;
        row.WallTimeMs = (present & HasWallTime) != 0 ? row.WallTimeMs : null;
        reader.Require(row.Resource >= -1 && row.Resource < batch.Resources.Count);
        return row;
    }

    private ref struct FieldWriter(Span<byte> target)
    {
        private Span<byte> _rest = target;

        public Span<byte> Take(int count)
        {
            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }

        public void Byte(byte value) => Take(1)[0] = value;

        public void Number(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(4), value);

        public void Number(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Take(8), value);

        public void Slice(Slice slice)
        {
            Number(slice.IsBuilt ? ~slice.Offset : slice.Offset);
            Number(slice.Length);
        }
    }

    private ref struct FieldReader(ReadOnlySpan<byte> source)
    {
        private ReadOnlySpan<byte> _rest = source;

        public readonly int Left => _rest.Length;

        /// <summary>Something was out of its bounds.</summary>
        public bool Failed { get; private set; }

        public void Require(bool isSo) => Failed |= !isSo;

        public ReadOnlySpan<byte> Take(int count)
        {
            var taken = _rest[..count];
            _rest = _rest[count..];
            return taken;
        }

        public byte Byte() => Take(1)[0];

        public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(4));

        public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(8));

        public Slice Slice(RowBatch batch)
        {
            var start = Int32();
            var length = Int32();
            var offset = start < 0 ? ~start : start;
            var room = start < 0 ? batch.Built.Length : batch.Body.Length;
            if (length < 0 || (long)offset + length > room)
            {
                Failed = true;
                return default;
            }

            return start < 0 ? Model.Slice.OfBuilt(offset, length) : Model.Slice.OfBody(offset, length);
        }
    }
}
