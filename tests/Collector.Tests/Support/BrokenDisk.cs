using Collector.Pipeline.Spool;
using Microsoft.Win32.SafeHandles;

namespace Collector.Tests.Support;

/// <summary>A disk with a bad sector, or a read-only one, when the test says so.</summary>
internal sealed class BrokenDisk : SpoolDisk
{
    /// <summary>Where nothing can be read; null: everywhere it can.</summary>
    public long? BadOffset { get; set; }

    public bool KeepsFiles { get; set; }

    public override int Read(SafeFileHandle file, Span<byte> target, long offset) =>
        BadOffset >= offset && BadOffset < offset + target.Length
            ? throw new IOException("Input/output error")
            : base.Read(file, target, offset);

    public override void Delete(string path)
    {
        if (KeepsFiles)
        {
            throw new IOException("Read-only file system");
        }

        base.Delete(path);
    }
}
