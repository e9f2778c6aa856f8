using System.Buffers;
using System.Runtime.InteropServices;

namespace Collector.Model;

/// <summary>
/// A large run of bytes outside of the managed heap. It grows where it is (on Linux its pages are mapped anew, nothing is
/// copied), and what it had is the system's again as soon as it is freed: as arrays, three bodies of 64 MiB left a process
/// of 800 MB behind until the collector came by. No span of it may be used after it has grown or was freed.
/// </summary>
internal sealed unsafe partial class LargeBytes : MemoryManager<byte>
{
    private const int MmapThreshold = -3;
    private const int TrimThreshold = -1;
    private const int OwnPages = 1 << 20;

    private byte* _start;
    private int _length;

    // The C library would raise the bound by itself with each block that is freed, and keep the memory.
    static LargeBytes()
    {
        if (OperatingSystem.IsLinux()
            && NativeLibrary.TryLoad("libc.so.6", out var libc) && NativeLibrary.TryGetExport(libc, "mallopt", out _))
        {
            _ = MallOpt(MmapThreshold, OwnPages);
            _ = MallOpt(TrimThreshold, 2 * OwnPages);
        }
    }

    public int Length => _length;

    /// <exception cref="OutOfMemoryException">There is none; what was held is held still.</exception>
    public void Resize(int length)
    {
        _start = (byte*)NativeMemory.Realloc(_start, (nuint)length);
        _length = length;
    }

    public override Span<byte> GetSpan() => new(_start, _length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_start);
        _start = null;
        _length = 0;
    }

    [LibraryImport("libc.so.6", EntryPoint = "mallopt")]
    private static partial int MallOpt(int parameter, int value);
}
