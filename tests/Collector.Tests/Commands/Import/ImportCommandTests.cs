using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Collector.Tests.Receive.Tail;
using Collector.Tests.Support;

namespace Collector.Tests.Commands.Import;

/// <summary>What wrangler prints into a pipe, and the command behind it, as real processes.</summary>
public sealed class ImportCommandTests(RunningCollector running) : IClassFixture<RunningCollector>
{
    private readonly CollectorProcess _collector = running.Process;

    // JSON.stringify(item, null, 2), which is all that wrangler tail --format json writes.
    private static readonly JsonSerializerOptions _asWrangler = new()
    {
        WriteIndented = true,
        NewLine = "\n",
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    private string Http => $"http://{_collector.Http}";

    [Fact]
    public async Task Items_as_wrangler_prints_them_become_the_rows_that_the_door_makes_of_them()
    {
        string[] names = ["ok", "levels", "throw", "queue", "scheduled", "structured", "big-log-64k"];
        var items = names.Select(name => Item(name, "imported")).ToList();

        var result = await CollectorCommand.RunWithInputAsync(
            string.Concat(items.Select(item => item.ToJsonString(_asWrangler) + "\n")), "import", "--format", "tail", "--http", Http);

        result.ShouldBe(new CommandResult(0, "7 items stored\n", ""));
        var expected = TailItems.Decode("[" + string.Join(',', items.Select(static item => item.ToJsonString())) + "]").Rows;
        (await _collector.MessagesAsync("imported")).Order().ShouldBe(expected.Select(static row => row.Message).Order());
    }

    [Fact]
    public async Task What_is_no_item_is_named_with_its_line_and_nothing_else_is_lost()
    {
        var good = Item("levels", "partly");
        var text = "Successfully created tail\n" + good.ToJsonString(_asWrangler) + "\n{\"hello\":1}\n{\"logs\":[1,]}\n" + Item("ok", "partly").ToJsonString();
        var lines = text[..text.IndexOf("{\"hello", StringComparison.Ordinal)].Count(static letter => letter == '\n');

        var result = await CollectorCommand.RunWithInputAsync(text, "import", "--format", "tail", "--http", Http);

        result.ExitCode.ShouldBe(1);
        result.Output.ShouldBe("2 items stored, 3 not (named above)\n");
        result.Errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).ShouldBe(
        [
            "collector import: standard input line 1: not a JSON object: Successfully created tail",
            $"collector import: standard input line {lines + 1}: not a tail item: it has none of event, eventTimestamp, logs, exceptions, scriptName, outcome",
            $"collector import: standard input line {lines + 2}: not valid JSON at byte 11 of its line 1",
        ]);
        (await _collector.MessagesAsync("partly")).ShouldContain("GET /ok 200");
    }

    [Fact]
    public async Task An_item_is_stored_while_the_pipe_stays_open_and_Ctrl_C_ends_it()
    {
        using var importing = CollectorCommand.Start("import", "--format", "tail", "--http", Http);
        await importing.StandardInput.WriteAsync(Item("ok", "live").ToJsonString(_asWrangler) + "\n");
        await importing.StandardInput.FlushAsync();

        await Eventually.IsSoAsync(async () => (await _collector.MessagesAsync("live")).Contains("GET /ok 200"), () => "it is not stored");
        importing.HasExited.ShouldBeFalse();
        await CollectorCommand.InterruptAsync(importing);
        importing.ExitCode.ShouldBe(130);
        (await importing.StandardOutput.ReadToEndAsync()).ShouldBe("1 items stored\n");
    }

    [Fact]
    public async Task Files_are_read_one_after_the_other_and_a_wrong_port_is_said()
    {
        var folder = Directory.CreateTempSubdirectory("collector-test-");
        try
        {
            string[] files = [Path.Combine(folder.FullName, "a.json"), Path.Combine(folder.FullName, "b.json")];
            await File.WriteAllTextAsync(files[0], Item("ok", "files").ToJsonString());
            await File.WriteAllTextAsync(files[1], "[" + Item("notfound", "files").ToJsonString(_asWrangler) + "]");
            (await CollectorCommand.CallAsync(["import", "--format", "tail", .. files, "--http", Http])).Output.ShouldBe("2 items stored\n");

            var wrong = await CollectorCommand.CallAsync("import", "--format", "tail", files[0], "--http", $"http://{_collector.Web}");
            wrong.ExitCode.ShouldBe(1);
            wrong.Errors.ShouldContain("/v1/tail answers 404");
            (await CollectorCommand.CallAsync("import", "--format", "tail", "/nowhere.json", "--http", Http)).ExitCode.ShouldBe(1);
            (await CollectorCommand.CallAsync("import", files[0])).ExitCode.ShouldBe(2);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static JsonNode Item(string name, string worker)
    {
        var item = JsonNode.Parse(TailItems.Read(name))!.AsArray()[0]!;
        item["scriptName"] = worker;
        return item;
    }
}
