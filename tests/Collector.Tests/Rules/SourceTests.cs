using System.Text.RegularExpressions;
using Collector.Tests.Support;

namespace Collector.Tests.Rules;

/// <summary>Habits that a reviewer would otherwise have to remember.</summary>
public sealed partial class SourceTests
{
    private const int MaxFile = 400;

    [Fact]
    public void Nothing_bypasses_the_clock_or_blocks()
    {
        var wrong =
            from file in Repository.Sources()
            from line in file.Lines.Select((text, index) => (Text: text, Number: index + 1))
            where !line.Text.TrimStart().StartsWith("//", StringComparison.Ordinal) && Forbidden().IsMatch(line.Text)
            select $"{file.Path}:{line.Number}: {line.Text.Trim()}";

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void Exceptions_are_caught_whole_only_in_the_loops_and_at_the_edges()
    {
        string[] loopsAndEdges =
        [
            "Diagnostics/TrackedTasks.cs", "Hosting/CollectorProgram.cs", "Live/LiveHub.cs", "Pipeline/Spool/SpoolWorker.cs",
            "Pipeline/Write/BatchWriter.cs", "Receive/Grpc/GrpcEndpoint.cs", "Receive/Http/HttpEndpoint.cs",
            "Storage/Sqlite/SegmentLifecycle.cs", "Storage/Sqlite/Segments/HotIndexRebuild.cs",
        ];
        var wrong = Repository.Sources()
            .Where(file => !loopsAndEdges.Contains(file.Path))
            .Where(file => file.Lines.Any(line => line.Contains("catch (Exception", StringComparison.Ordinal)
                && !line.Contains(" when ", StringComparison.Ordinal)))
            .Select(file => file.Path);

        wrong.ShouldBeEmpty();
    }

    [Fact]
    public void No_file_is_longer_than_one_can_hold_in_mind()
    {
        Repository.Sources().Where(file => file.Lines.Length > MaxFile)
            .Select(file => $"{file.Path}: {file.Lines.Length} lines")
            .ShouldBeEmpty();
    }

    [GeneratedRegex(@"DateTime(Offset)?\.(Utc)?Now|Thread\.Sleep|\.Result\b(?!\.)|\.Wait\(\)|GetAwaiter\(\)\.GetResult|Task\.Delay|#pragma|TODO|FIXME|NotImplementedException")]
    private static partial Regex Forbidden();
}
