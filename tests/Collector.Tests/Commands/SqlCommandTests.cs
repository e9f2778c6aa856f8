using Collector.Tests.Storage.Sqlite;
using Collector.Tests.Support;

namespace Collector.Tests.Commands;

/// <summary><c>collector sql</c> and <c>collector export</c> as processes beside one that has the folder open.</summary>
public sealed class SqlCommandTests : IDisposable
{
    private readonly OpenStore _open = new();
    private readonly TemporaryFolder _out = new();

    private string Folder => $"--Storage:Path={_open.Folder}";

    public void Dispose()
    {
        _open.Dispose();
        _out.Dispose();
    }

    [Fact]
    public async Task A_committed_row_is_answered_while_its_store_is_open_as_JSON_lines_in_a_pipe()
    {
        _open.Append(new SomeRow { Message = "say \"hi\"\n", CpuMs = 7, WallMs = 1.5 });

        var result = await CollectorCommand.RunAsync("sql", "SELECT message, execution_time_ms, wall_time_ms, outcome FROM tail_logs", Folder);

        result.ShouldBe(new CommandResult(0, """{"message":"say \"hi\"\n","execution_time_ms":7,"wall_time_ms":1.5,"outcome":null}""" + "\n", ""));
    }

    [Fact]
    public async Task A_table_is_aligned_and_shows_control_characters()
    {
        _open.Append(new SomeRow { Message = "\u001b[31mred", Worker = "a", Nanos = 1 }, new SomeRow { Message = "b\nc", Worker = "long-name", Nanos = 2 });

        var result = await CollectorCommand.RunAsync(
            "sql", "SELECT worker_name, message, length(message) AS n FROM tail_logs ORDER BY timestamp", Folder, "--format", "table");

        result.Output.ShouldBe("""
            worker_name  message      n
            -----------  ----------  --
            a            \x1b[31mred  8
            long-name    b\nc         3
            (2 rows)

            """.Replace("------  --\n", "-------  -\n", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tab_separated_text_keeps_a_row_on_its_line()
    {
        _open.Append(new SomeRow { Message = "a\tb\nc\\" });

        var result = await CollectorCommand.RunAsync("sql", "SELECT message, outcome FROM tail_logs", Folder, "--format", "tsv");

        result.Output.ShouldBe("message\toutcome\na\\tb\\nc\\\\\t\\N\n");
    }

    [Fact]
    public async Task More_than_ten_segments_are_refused_with_their_number_and_can_be_exported()
    {
        for (var i = 0; i < 12; i++)
        {
            _open.Append(new SomeRow { Message = $"m{i}", Nanos = Some.Noon + (ulong)i });
            _open.Store.Appender.RollOver();
        }

        // A file that is sealed while it is read makes the answer ask for another try.
        await _open.IsSealedAsync();
        var refused = await CollectorCommand.RunAsync("sql", "SELECT count(*) FROM tail_logs", Folder);
        refused.ExitCode.ShouldBe(1);
        refused.Errors.ShouldContain("12 segments");
        refused.Errors.ShouldContain("collector export");

        var ten = await CollectorCommand.RunAsync(
            "sql", "SELECT count(*) AS n FROM tail_logs", Folder, "--to", "2026-11-23T12:00:00.000000010Z");
        ten.ShouldBe(new CommandResult(0, "{\"n\":10}\n", ""));

        var exported = await CollectorCommand.RunAsync("export", "--out", _out.File("all.db"), Folder, "--from", "2026-11-23T12:00:00.000000001Z");
        exported.Errors.ShouldBeEmpty();
        exported.ExitCode.ShouldBe(0);
        exported.Output.ShouldStartWith($"{_out.File("all.db")}: 11 rows, 0 gaps, ");

        var again = await CollectorCommand.RunAsync("export", "--out", _out.File("all.db"), Folder);
        again.ExitCode.ShouldBe(1);
        again.Errors.ShouldContain("never overwrites");
    }

    [Fact]
    public async Task A_question_that_is_interrupted_ends_at_once()
    {
        _open.Append(new SomeRow());
        using var process = CollectorCommand.Start(
            "sql", "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n", Folder);
        (await process.StandardOutput.ReadLineAsync()).ShouldBe("{\"i\":1}");
        var rest = process.StandardOutput.BaseStream.CopyToAsync(Stream.Null);

        await CollectorCommand.InterruptAsync(process);

        await rest;
        process.ExitCode.ShouldBe(130);
        (await process.StandardError.ReadToEndAsync()).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(1, "no such column: nope", "sql", "SELECT nope FROM tail_logs")]
    [InlineData(1, "syntax error", "sql", "SELEC 1")]
    [InlineData(2, "--from: 'yesterday' is not legal; legal is an ISO-8601 time", "sql", "SELECT 1", "--from", "yesterday")]
    [InlineData(2, "--from must be before --to", "sql", "SELECT 1", "--from", "1h", "--to", "2h")]
    [InlineData(2, "Required argument missing", "sql")]
    [InlineData(2, "'--out' is required", "export")]
    [InlineData(2, "'xml' not recognized", "sql", "SELECT 1", "--format", "xml")]
    [InlineData(1, "There are no segments in /nowhere", "sql", "SELECT 1", "--Storage:Path=/nowhere")]
    [InlineData(2, "Storage:Pth: no such setting", "sql", "SELECT 1", "--Storage:Pth=x")]
    [InlineData(2, "'nonsense'", "nonsense")]
    public async Task What_is_wrong_is_named_on_standard_error_with_its_exit_code(int exitCode, string words, params string[] arguments)
    {
        _open.Append(new SomeRow());

        var result = await CollectorCommand.RunAsync([Folder, .. arguments]);

        result.Errors.ShouldContain(words);
        result.ExitCode.ShouldBe(exitCode);
        result.Output.ShouldBeEmpty();
    }
}
