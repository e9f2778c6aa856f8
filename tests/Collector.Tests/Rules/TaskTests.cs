using System.Text.RegularExpressions;
using Collector.Tests.Support;

namespace Collector.Tests.Rules;

/// <summary>No task is started that nobody awaits, but by the one class that tracks them.</summary>
public sealed partial class TaskTests
{
    private const string Tracker = "Diagnostics/TrackedTasks.cs";

    [Fact]
    public void Every_task_is_awaited_or_tracked()
    {
        var wrong =
            from file in Repository.Sources()
            where file.Path != Tracker
            from statement in Violations(string.Join('\n', file.Lines))
            select $"{file.Path}: {statement}";

        wrong.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("Task.Run(() => Work());")]
    [InlineData("_ = Task.Run(Work);")]
    [InlineData("var task = Task.Factory.StartNew(Work);")]
    [InlineData("return task.ContinueWith(Next);")]
    [InlineData("list.ForEach(one => Task.Run(one));")]
    [InlineData("await First();\n    Task\n        .Run(Work);")]
    [InlineData("_ = SaveAsync();")]
    [InlineData("{\n    SaveAsync(all);\n}")]
    [InlineData("await First();\n    _store.Files[0]!.SaveAsync(all);")]
    [InlineData("if (late) { SaveAsync(all); }")]
    [InlineData("if (late)\n    SaveAsync(all);")]
    [InlineData("else SaveAsync(all);")]
    [InlineData("private async void OnStop() { }")]
    [InlineData("ThreadPool.QueueUserWorkItem(Work);")]
    public void The_rule_finds_what_is_forgotten(string source) => Violations(source).ShouldNotBeEmpty();

    [Theory]
    [InlineData("await Task.Run(() => Work(), token);")]
    [InlineData("var answer = await Task.Run(Work);")]
    [InlineData("await SaveAsync(all);")]
    [InlineData("return SaveAsync(all);")]
    [InlineData("var save = SaveAsync(all);")]
    [InlineData("public Task SaveAsync(Rows all) => _store.SaveAsync(all);")]
    [InlineData("if (await SaveAsync(all))\n{\n}")]
    [InlineData("Map(path, Endpoint.HandleAsync);")]
    [InlineData("// Task.Run(Work);")]
    [InlineData("Say(\"Task.Run(Work)\");")]
    [InlineData("await Task.WhenAll(FirstAsync(), SecondAsync());")]
    public void The_rule_leaves_the_rest_alone(string source) => Violations(source).ShouldBeEmpty();

    private static IEnumerable<string> Violations(string source) =>
        from statement in StatementEnd().Split(CommentOrText().Replace(source, ""))
        let text = Whitespace().Replace(statement, " ").Trim()
        where AsyncVoid().IsMatch(text) || Discarded().IsMatch(text) || (Started().Match(text) is { Success: true } started && !Await().IsMatch(text[..started.Index]))
        select text;

    [GeneratedRegex("""//[^\n]*|"(\\.|[^"\\\n])*"|'(\\.|[^'\\])'""")]
    private static partial Regex CommentOrText();

    [GeneratedRegex("[;{}]")]
    private static partial Regex StatementEnd();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Whitespace();

    [GeneratedRegex(@"\basync void\b")]
    private static partial Regex AsyncVoid();

    [GeneratedRegex(@"\bTask ?\.Run ?\(|\.StartNew ?\(|\.ContinueWith ?\(|\bQueueUserWorkItem ?\(")]
    private static partial Regex Started();

    [GeneratedRegex(@"\bawait\b")]
    private static partial Regex Await();

    // A call as a statement of its own, at the statement's start or behind an if without braces.
    [GeneratedRegex(@"^((if|while|for|foreach) ?\((?!await).*\) |else )?(_ = )?[\w.!?\[\]]+Async ?\(")]
    private static partial Regex Discarded();
}
