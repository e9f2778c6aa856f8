using System.Text.RegularExpressions;
using Collector.Commands;
using Collector.Tests.Support;

namespace Collector.Tests.Rules;

/// <summary>
/// What makes a test fail on another day or on a busy machine, or never end: a fixed date that meets the real clock, a
/// loop without a bound, a wait for time instead of an event.
/// </summary>
public sealed partial class TestHabitTests
{
    private const string CollectorProcess = "Support/CollectorProcess.cs";

    // The one wait, and what measures real seconds.
    private static readonly string[] _mayWait =
        ["Support/Eventually.cs", "EndToEnd/LiveTests.cs", "EndToEnd/LongRuns.cs", "EndToEnd/Siege.cs", "Browser/Pictures.cs"];

    private static IEnumerable<(string Path, string Text)> Tests =>
        Repository.Tests().Where(static file => !file.Path.StartsWith("Rules/", StringComparison.Ordinal))
            .Select(static file => (file.Path, string.Join('\n', file.Lines)));

    [Fact]
    public void No_fixed_date_meets_the_real_clock() =>
        Tests.Where(static file => MeetsTheClock(file.Text)).Select(static file => file.Path).ShouldBeEmpty();

    [Fact]
    public void A_process_of_the_tests_keeps_what_they_date()
    {
        Tests.Where(static file => file.Text.Contains("Collector.dll", StringComparison.Ordinal)).Select(static file => file.Path)
            .ShouldBe([CollectorProcess, "Support/CollectorCommand.cs"], ignoreOrder: true, "others start a Collector that forgets");
        Tests.Single(static file => file.Path == CollectorProcess).Text.ShouldContain("KeepsForYears,");
        Support.CollectorProcess.KeepsForYears.ShouldMatch(@"^--Retention:MaxAge=\d{4}\.00:00:00$");
    }

    [Fact]
    public void Every_loop_has_a_bound()
    {
        var endless =
            from file in Tests
            from condition in EndlessLoops(file.Text)
            select $"{file.Path}: {condition}";

        endless.ShouldBeEmpty();
    }

    [Fact]
    public void Nothing_waits_for_time() =>
        Tests.Where(static file => !_mayWait.Contains(file.Path) && Wait().IsMatch(CommentOrText().Replace(file.Text, "")))
            .Select(static file => file.Path).ShouldBeEmpty();

    [Theory]
    [InlineData("new SomeRow(); Open(TimeProvider.System);")]
    [InlineData("Record(Some.Noon); var now = DateTimeOffset.UtcNow;")]
    [InlineData("StartAsync(\"--Retention:MaxAge=2.00:00:00\"); Ask(\"from=2026-11-23T12:00:00Z\");")]
    [InlineData("Record(1_795_435_200_000_000_000); DateTime.Now;")]
    public void The_rule_finds_a_date_that_meets_the_clock(string source) => MeetsTheClock(source).ShouldBeTrue();

    [Theory]
    [InlineData("new SomeRow(); Open(new NoonClock());")]
    [InlineData("var now = DateTimeOffset.UtcNow; Record(now);")]
    [InlineData("StartAsync(\"--Retention:MaxAge=3000.00:00:00\"); Record(Some.Noon);")]
    public void The_rule_leaves_other_dates_alone(string source) => MeetsTheClock(source).ShouldBeFalse();

    [Theory]
    [InlineData("while (true) { }")]
    [InlineData("while (!task.IsCompleted) { }")]
    [InlineData("do { Ask(); }\nwhile (cursor is not null);")]
    [InlineData("while (!(await AskAsync(a => a)).IsOver)")]
    [InlineData("for (;;) { }")]
    [InlineData("for (var i = 0; !isOver; i++) { }")]
    public void The_rule_finds_an_endless_loop(string source) => EndlessLoops(source).ShouldNotBeEmpty();

    [Theory]
    [InlineData("while (!task.IsCompleted && bound.Holds()) { }")]
    [InlineData("while (given < 6_000) { }")]
    [InlineData("while (queue.TryRead(out _)) { }")]
    [InlineData("while (await lines.ReadLineAsync() is { } line) { }")]
    [InlineData("for (var i = 0; i < most; i++) { }")]
    [InlineData("// while (true)")]
    [InlineData("Run(\"while (true) {}\");")]
    public void The_rule_leaves_other_loops_alone(string source) => EndlessLoops(source).ShouldBeEmpty();

    private static bool MeetsTheClock(string source) => RealClock().IsMatch(source) && FixedDate().IsMatch(source);

    private static IEnumerable<string> EndlessLoops(string source)
    {
        var code = CommentOrText().Replace(source, "");
        foreach (Match loop in Loop().Matches(code))
        {
            var head = Whitespace().Replace(loop.Groups["head"].Value, " ");
            var condition = loop.Groups["kind"].Value == "for" ? head.Split(';')[1] : head;
            if (!Bound().IsMatch(condition))
            {
                yield return loop.Groups["kind"].Value + " (" + head + ")";
            }
        }
    }

    [GeneratedRegex(@"TimeProvider\.System|DateTime(Offset)?\.(Utc)?Now|Retention:MaxAge=(?!\d{4}\.)")]
    private static partial Regex RealClock();

    [GeneratedRegex(@"Some\.(Noon|Batch)|new SomeRow|Batches\.(Of|Noon)|\b20\d\d-\d\d-\d\d|\bDateTime(Offset)?\(20\d\d|\b1_?[6-9]\d\d_?\d{3}_?\d{3}")]
    private static partial Regex FixedDate();

    // Raw text first: it may hold anything, also a script's loops.
    [GeneratedRegex(""" "{3}[\s\S]*?"{3}|//[^\n]*|"(\\.|[^"\\\n])*"|'(\\.|[^'\\])' """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex CommentOrText();

    // The head with its brackets in balance.
    [GeneratedRegex(@"\b(?<kind>while|for) ?\((?<head>(?>[^()]+|(?<open>\()|(?<-open>\)))*(?(open)(?!)))\)")]
    private static partial Regex Loop();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();

    // A bound, a count, or something that is taken from until it is empty.
    [GeneratedRegex(@"bound\.Holds\(\)| [<>]=? |\b(Try[A-Z]|Read|Step\(|Next(Async)?\(|File\.Exists|IsFull|IsEmpty)")]
    private static partial Regex Bound();

    [GeneratedRegex(@"Task\.Delay|Thread\.Sleep|\bnew PeriodicTimer")]
    private static partial Regex Wait();
}
