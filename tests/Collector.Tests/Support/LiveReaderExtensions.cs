using System.Buffers;
using Collector.Live;

namespace Collector.Tests.Support;

internal static class LiveReaderExtensions
{
    /// <summary>What comes next, if anything waits.</summary>
    public static bool TryTake(this LiveReader reader, out ReadOnlyMemory<byte> events)
    {
        var into = new ArrayBufferWriter<byte>();
        var isThere = reader.TryWrite(into);
        events = into.WrittenMemory;
        return isThere;
    }
}
