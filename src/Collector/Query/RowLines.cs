using System.Buffers;
using System.Text.Json;
using Collector.Model;

namespace Collector.Query;

/// <summary>Writes rows as JSON lines into memory that is used again for each page.</summary>
internal sealed class RowLines : IRowSink, IDisposable
{
    // Pages end early where rows are large.
    private const int MaxBytes = 1024 * 1024;

    private readonly ArrayBufferWriter<byte> _bytes = new(64 * 1024);
    private readonly Utf8JsonWriter _json;

    public RowLines() => _json = new Utf8JsonWriter(_bytes, ApiJson.WriterOptions);

    public int Count { get; private set; }

    public ReadOnlyMemory<byte> Written => _bytes.WrittenMemory;

    public bool Accept(in StoredRow row)
    {
        RowJson.Write(_json, row);
        _json.Flush();
        _json.Reset();
        _bytes.Write("\n"u8);
        Count++;
        return _bytes.WrittenCount < MaxBytes;
    }

    public void Clear()
    {
        _bytes.ResetWrittenCount();
        Count = 0;
    }

    public void Dispose() => _json.Dispose();
}
