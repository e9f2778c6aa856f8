namespace Collector.Benchmarks.Support;

/// <summary>One row of the budgets.</summary>
internal interface IBenchmark
{
    string Name { get; }

    /// <summary>One line, for the list.</summary>
    string What { get; }

    Task RunAsync(Arguments arguments, Verdicts verdicts);
}
