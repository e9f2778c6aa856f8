using Collector.Model;

namespace Collector.Live;

/// <summary>Committed rows in order of arrival.</summary>
internal interface IArrivals
{
    /// <summary>The last row that is committed and can be read.</summary>
    Arrival Newest { get; }

    /// <summary>
    /// Gives the rows behind a place, at most so many, and returns the place of the last one; without rows, the place
    /// itself.
    /// </summary>
    Arrival Read(Arrival after, int limit, IRowSink sink, CancellationToken cancellation);
}
