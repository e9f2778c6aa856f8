using Microsoft.Win32.SafeHandles;

namespace Collector.Pipeline.Spool;

/// <summary>What the spool does to files that were there before; tests put a failing disk in its place.</summary>
internal class SpoolDisk
{
    /// <exception cref="IOException">The disk is failing.</exception>
    public virtual int Read(SafeFileHandle file, Span<byte> target, long offset) => RandomAccess.Read(file, target, offset);

    /// <exception cref="IOException">The disk is failing, or read-only.</exception>
    /// <exception cref="UnauthorizedAccessException">The file may not be deleted.</exception>
    public virtual void Delete(string path) => File.Delete(path);
}
