using System.Globalization;
using Collector.Model;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.Search;

/// <summary>An id leads to its rows whatever it is, and however it is written, before and after its segment is sealed.</summary>
public sealed class IdFormsTests : IDisposable
{
    private const ulong Span = 0x00f067aa0ba902b7;

    private readonly OpenStore _open = new();

    public void Dispose() => _open.Dispose();

    [Fact]
    public async Task Every_spelling_of_an_id_finds_the_same_rows()
    {
        var random = new Random(3);
        var ids = Enumerable.Range(0, 40).Select(_ => AnyId(random)).ToArray();
        _open.Append([.. ids.SelectMany((id, i) => new[]
        {
            new SomeRow { Correlation = Form(id, i), Message = $"{i} correlation", Trace = i % 3 == 0 ? id.Trace : 0 },
            new SomeRow { Correlation = "other", RequestId = Form(id, i + 1), Message = $"{i} request" },
            new SomeRow { Correlation = "other", Trace = id.Trace, Message = $"{i} trace" },
        })]);
        await CheckHotAndSealedAsync(() =>
        {
            for (var i = 0; i < ids.Length; i++)
            {
                foreach (var asked in Spellings(ids[i]))
                {
                    _open.Store.Reader.ClosureMessages(asked).ShouldBe([$"{i} correlation", $"{i} request", $"{i} trace"], asked);
                }
            }
        });
    }

    [Fact]
    public async Task A_request_id_leads_to_the_traces_of_its_rows()
    {
        _open.Append(
            new SomeRow { Correlation = "a", RequestId = "0HNQ:1", Trace = 5, Message = "asked" },
            new SomeRow { Correlation = "b", Trace = 5, Message = "of its trace" },
            new SomeRow { Correlation = "c", RequestId = "0HNQ:2", Message = "another" });
        await CheckHotAndSealedAsync(() => _open.Store.Reader.ClosureMessages(" 0HNQ:1 ").ShouldBe(["asked", "of its trace"]));
    }

    [Theory]
    [InlineData("00f067aa0ba902b7")]
    [InlineData("00F067AA0BA902B7")]
    public async Task A_span_id_leads_to_its_trace(string asked)
    {
        _open.Append(
            new SomeRow { Correlation = "a", Trace = 5, Span = 1, ParentSpan = Span, Message = "child" },
            new SomeRow { Correlation = "b", Trace = 5, Span = Span, Message = "span" },
            new SomeRow { Correlation = "c", Trace = 6, Span = 2, Message = "another" });
        await CheckHotAndSealedAsync(() => _open.Store.Reader.ClosureMessages(asked).ShouldBe(["child", "span"]));
    }

    [Fact]
    public async Task A_second_id_of_a_row_is_found_where_it_stands_as_a_value()
    {
        _open.Append(
            new SomeRow { Correlation = "a", Trace = 5, Context = """{"attributes":{"x-correlation-id":"second-1"}}""", Message = "holder" },
            new SomeRow { Correlation = "b", Trace = 5, Message = "of its trace" },
            new SomeRow { Correlation = "c", Context = """{"attributes":{"order":81234567}}""", Message = "number" },
            new SomeRow { Correlation = "d", Context = """{"attributes":{"text":"about second-1 and 81234567"}}""", Message = "second-1 by the way" });
        await CheckHotAndSealedAsync(() =>
        {
            _open.Store.Reader.ClosureMessages("second-1").ShouldBe(["holder", "of its trace"]);
            _open.Store.Reader.ClosureMessages("81234567").ShouldBe(["number"]);
            _open.Store.Reader.ClosureMessages("second").ShouldBeEmpty();
        });
    }

    [Fact]
    public async Task Rows_of_one_time_stand_in_the_order_that_their_invocation_gave_them()
    {
        static SomeRow Line(string request, int number) => new()
        {
            Correlation = "c",
            RequestId = request,
            Message = $"{request}{number}",
            Context = "{\"attributes\":{\"cloudflare.invocation.sequence.number\":" + number + "}}",
        };
        _open.Append(Line("a", 3), new SomeRow { Correlation = "c", Message = "plain" }, Line("a", 1), Line("b", 2), Line("a", 2), Line("b", 1));
        _open.Append(new SomeRow { Correlation = "c", Message = "later", Nanos = Some.Noon + 1 });
        await CheckHotAndSealedAsync(() =>
            _open.Store.Reader.ClosureMessages("c").ShouldBe(["a1", "plain", "a2", "a3", "b1", "b2", "later"]));
    }

    private async Task CheckHotAndSealedAsync(Action check)
    {
        check();
        _open.Store.Appender.RollOver();
        await _open.IsSealedAsync();
        check();
    }

    private static (Guid Id, UInt128 Trace) AnyId(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        var id = new Guid(bytes);
        return (id, UInt128.Parse(id.ToString("N"), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture));
    }

    private static string Form((Guid Id, UInt128) id, int form) => (form % 4) switch
    {
        0 => id.Id.ToString("N"),
        1 => id.Id.ToString("D").ToUpperInvariant(),
        2 => id.Id.ToString("B"),
        _ => id.Id.ToString("D"),
    };

    private static IEnumerable<string> Spellings((Guid Id, UInt128) id)
    {
        for (var form = 0; form < 4; form++)
        {
            yield return Form(id, form);
            yield return $"  {Form(id, form).ToUpperInvariant()}\n";
        }

        yield return $"\"{id.Id:D}\"";
    }
}
