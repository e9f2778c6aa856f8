using Collector.Hosting;

namespace Collector.Commands;

/// <summary>What every command gets: where it writes, what the settings say, and what time it is.</summary>
internal sealed record CommandContext(Output Output, TextWriter Errors, CollectorOptions Options, TimeProvider Clock)
{
    /// <summary>What is wrong with the settings; empty but for a command that runs all the same.</summary>
    public IReadOnlyList<string> Mistakes { get; init; } = [];
}
