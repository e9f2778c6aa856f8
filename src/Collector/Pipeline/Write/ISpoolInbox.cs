using Collector.Pipeline.Queue;

namespace Collector.Pipeline.Write;

/// <summary>Where the writer leaves what the store can't take now. The entry's hold goes along; nobody blocks.</summary>
public interface ISpoolInbox
{
    void TakeOver(IngestEntry entry);
}
