using Collector.Pipeline.Queue;

namespace Collector.Pipeline.Write;

/// <summary>Where the writer leaves what the store can't take now. The entry's hold goes along; nobody blocks.</summary>
internal interface ISpoolInbox
{
    void TakeOver(Delivery entry);
}
