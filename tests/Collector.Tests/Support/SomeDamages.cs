using Collector.Storage.Sqlite.Segments;
using Microsoft.Extensions.Logging.Abstractions;

namespace Collector.Tests.Support;

/// <summary>Somebody to tell of damage, of whom nobody asks what was told.</summary>
internal static class SomeDamages
{
    public static Damages Of(Catalog catalog) => new(catalog, new AutoResetEvent(false), new NoonClock(), NullLogger.Instance);
}
