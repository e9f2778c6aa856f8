namespace Collector.Commands.Import;

/// <summary>
/// Reads tail items from a stream and sends them, in requests of the size that a file gives, or sooner where the stream pauses: what
/// somebody watches appears as it happens.
/// </summary>
internal sealed class TailImport(TailSender sender, TimeProvider clock, Action<long, string> complain)
{
    private const int ChunkBytes = 64 * 1024;
    private const int MaxItemBytes = 16 * 1024 * 1024;
    private const int MaxRequestBytes = 1024 * 1024;

    // The first two bytes of what Windows PowerShell writes into a file.
    private const string Utf16 = "the input is UTF-16, as Windows PowerShell redirects it; give it as UTF-8 (cmd /c, or PowerShell 7)";

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan _farewell = TimeSpan.FromSeconds(1);

    private readonly ObjectCutter _cutter = new(MaxItemBytes);
    private readonly List<CutObject> _items = [];
    private long _bytes;

    /// <exception cref="ApiException">No Collector takes them.</exception>
    public async Task RunAsync(Stream input, CancellationToken cancellation)
    {
        try
        {
            await ReadAsync(input, cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // Ctrl-C ends both sides of a pipe: what has come is sent.
            using var farewell = new CancellationTokenSource(_farewell, clock);
            await SendAsync(farewell.Token);
            throw;
        }
    }

    private async Task ReadAsync(Stream input, CancellationToken cancellation)
    {
        var chunk = new byte[ChunkBytes];
        var isFirst = true;
        while (true)
        {
            var reading = input.ReadAsync(chunk, cancellation).AsTask();
            if (_items.Count > 0 && !await IsSoonAsync(reading, cancellation))
            {
                await SendAsync(cancellation);
            }

            var length = await reading.WaitAsync(cancellation);
            if (length == 0)
            {
                break;
            }

            if (isFirst && length > 1 && (chunk[0], chunk[1]) is (0xFF, 0xFE) or (0xFE, 0xFF))
            {
                throw new UsageException("collector import: " + Utf16);
            }

            isFirst = false;
            _cutter.Add(chunk.AsSpan(0, length));
            await TakeAsync(cancellation);
        }

        _cutter.End();
        await TakeAsync(cancellation);
        await SendAsync(cancellation);
    }

    private async Task<bool> IsSoonAsync(Task reading, CancellationToken cancellation)
    {
        try
        {
            await reading.WaitAsync(_pause, clock, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task TakeAsync(CancellationToken cancellation)
    {
        while (_cutter.TryTake(out var item))
        {
            if ((item.Fault ?? TailText.FaultOf(item.Bytes)) is { } fault)
            {
                complain(item.Line, fault);
                continue;
            }

            if (_bytes + item.Bytes.Length > MaxRequestBytes)
            {
                await SendAsync(cancellation);
            }

            _items.Add(item);
            _bytes += item.Bytes.Length;
        }
    }

    private async Task SendAsync(CancellationToken cancellation)
    {
        if (_items.Count > 0)
        {
            await sender.SendAsync([.. _items], cancellation);
            _items.Clear();
            _bytes = 0;
        }
    }
}
