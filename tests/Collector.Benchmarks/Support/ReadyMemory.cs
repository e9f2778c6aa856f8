using System.Globalization;
using System.Runtime.InteropServices;

namespace Collector.Benchmarks.Support;

/// <summary>
/// Keeps memory at hand while something long is measured. A virtual machine may give free memory back to its host and then
/// gets it again page by page; writing to the page cache costs up to ten times as much there as in memory it has, which a
/// long run would meet in its later part only. This takes memory first, and gives up as much as the machine uses.
/// </summary>
internal sealed class ReadyMemory : IAsyncDisposable
{
    private const int Piece = 64 << 20;

    // Left to the machine, whatever is asked for.
    private const long Left = 4L << 30;

    private readonly Stack<nint> _pieces = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _giving;

    private ReadyMemory(long bytes)
    {
        for (var taken = 0L; taken + Piece <= bytes; taken += Piece)
        {
            _pieces.Push(Touched());
        }

        _giving = Task.Run(GiveAsync);
    }

    /// <summary>Takes so much, or as much as there is. Nothing where the system does not say how much.</summary>
    public static ReadyMemory Take(long bytes)
    {
        var ready = new ReadyMemory(Math.Min(bytes, Figure("MemAvailable") - Left));
        Verdicts.Note($"{ready._pieces.Count * (Piece >> 20):#,##0} MB of memory made ready");
        return ready;
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _giving;
        while (TryGive())
        {
            // The rest at once.
        }

        _stop.Dispose();
    }

    private async Task GiveAsync()
    {
        var free = Figure("MemFree");
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(20));
        while (!_stop.IsCancellationRequested && await timer.WaitForNextTickAsync(CancellationToken.None))
        {
            for (var missing = free - Figure("MemFree"); missing > 0 && TryGive(); missing -= Piece)
            {
                // A piece for a piece.
            }
        }
    }

    private static unsafe nint Touched()
    {
        var piece = NativeMemory.Alloc(Piece);
        NativeMemory.Fill(piece, Piece, 1);
        return (nint)piece;
    }

    private unsafe bool TryGive()
    {
        if (!_pieces.TryPop(out var piece))
        {
            return false;
        }

        NativeMemory.Free((void*)piece);
        return true;
    }

    private static long Figure(string name) =>
        File.Exists("/proc/meminfo")
        && File.ReadLines("/proc/meminfo").FirstOrDefault(line => line.StartsWith(name + ":", StringComparison.Ordinal)) is { } line
            ? long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) << 10 : 0;
}
