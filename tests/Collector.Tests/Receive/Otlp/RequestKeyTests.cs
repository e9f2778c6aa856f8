using Collector.Model;
using Collector.Receive.Otlp;
using static Collector.Tests.Receive.Otlp.Otel;

namespace Collector.Tests.Receive.Otlp;

/// <summary>
/// A producer's retry has the key of what it repeats, in whatever order it groups its records, and nothing else has.
/// </summary>
public sealed class RequestKeyTests
{
    private static readonly Proto _shop = Resource(("service.name", String("shop")));
    private static readonly Proto _cart = Resource(("service.name", String("cart")));

    // Scope groups; what tells them apart is their records.
    private static readonly Proto _a = Group("a", "a1", "a2"), _b = Group("b", "b1"), _c = Group("c", "c1", "c2", "c3");

    public static TheoryData<string, object, object> Regrouped => new()
    {
        { "scopes in another order", Message((_shop, [_a, _b, _c])), Message((_shop, [_c, _a, _b])) },
        { "resources in another order", Message((_shop, [_a]), (_cart, [_b])), Message((_cart, [_b]), (_shop, [_a])) },
        { "a resource once for each scope", Message((_shop, [_a, _b])), Message((_shop, [_b]), (_shop, [_a])) },
        { "scopes of two resources mixed", Message((_shop, [_a, _b]), (_cart, [_c])), Message((_shop, [_b]), (_cart, [_c]), (_shop, [_a])) },
        { "groups without records beside them", Message((_shop, [_a, _b])), Message((_cart, []), (_shop, [new Proto(), _b, Group("x"), _a])) },
        { "equal groups", Message((_shop, [_a, _b, _a])), Message((_shop, [_a, _a, _b])) },
        { "the owner behind its groups", Message((_shop, [_a])), new Proto().Message(1, new Proto().Message(2, _a).Message(1, _shop)).ToArray() },
    };

    public static TheoryData<string, object, object> Different => new()
    {
        { "another record", Message((_shop, [_a, _b])), Message((_shop, [_a, _c])) },
        { "a group less", Message((_shop, [_a, _b])), Message((_shop, [_a])) },
        { "a group twice", Message((_shop, [_a, _b])), Message((_shop, [_a, _b, _b])) },
        { "groups that changed their resources", Message((_shop, [_a]), (_cart, [_b])), Message((_shop, [_b]), (_cart, [_a])) },
        { "another resource", Message((_shop, [_a])), Message((_cart, [_a])) },
        { "another schema", Message((_shop, [_a])), new Proto().Message(1, new Proto().Message(1, _shop).Message(2, _a).Text(3, "u")).ToArray() },
        { "records in another order", Message((_shop, [Group("a", "1", "2")])), Message((_shop, [Group("a", "2", "1")])) },
        { "records of one group in two", Message((_shop, [Group("a", "1", "2")])), Message((_shop, [Group("a", "1"), Group("a", "2")])) },
    };

    [Theory]
    [MemberData(nameof(Regrouped))]
    public void A_request_that_is_grouped_anew_keeps_its_key(string what, object request, object again)
    {
        KeyOf((byte[])again).ShouldBe(KeyOf((byte[])request), what);
        RanksOf((byte[])again).ShouldBe(RanksOf((byte[])request), what);
    }

    [Theory]
    [MemberData(nameof(Different))]
    public void Another_request_has_another_key(string what, object request, object other) =>
        KeyOf((byte[])other).ShouldNotBe(KeyOf((byte[])request), what);

    [Fact]
    public void Logs_and_spans_of_the_same_bytes_have_two_keys() => Key(OtlpSignal.Traces).ShouldNotBe(Key(OtlpSignal.Logs));

    [Fact]
    public void A_request_with_a_record_without_a_time_has_none() =>
        KeyOf(Message((_shop, [_a, new Proto().Message(2, new Proto().Body("when?"))]))).ShouldBeNull();

    [Fact]
    public void The_retry_of_the_Rust_exporter_has_the_key_of_its_first_attempt_and_the_same_ranks()
    {
        var (first, retry) = (Fixture.Load("rust/logs-retry-14-grpc.1"), Fixture.Load("rust/logs-retry-14-grpc.2"));
        retry.Message.ShouldNotBe(first.Message);
        KeyOf(retry.Message).ShouldBe(KeyOf(first.Message));
        RanksOf(retry.Message).ShouldBe(RanksOf(first.Message));
        RanksOf(first.Message).Length.ShouldBe(32);
    }

    [Fact]
    public void A_single_group_needs_no_order() => Order(Message((_shop, [_a, new Proto()]))).ShouldBeEmpty();

    private static Proto Group(string scope, params string[] messages) => messages.Aggregate(
        new Proto().Message(1, new Proto().Text(1, scope)), static (group, text) => group.Message(2, Log().Body(text)));

    private static byte[] Message(params (Proto Resource, Proto[] Groups)[] resources) => resources.Aggregate(
        new Proto(), static (request, resource) => request.Message(1, resource.Groups.Aggregate(
            new Proto().Message(1, resource.Resource), static (group, scope) => group.Message(2, scope)))).ToArray();

    private static RequestKey? Key(OtlpSignal signal)
    {
        using var groups = new ScopeGroups();
        using var batch = Decoded.Batch([]);
        groups.Add(1, 0, "resource"u8, [], "group"u8);
        groups.Identify(signal, batch);
        return batch.Key.ShouldNotBeNull();
    }

    private static RequestKey? KeyOf(byte[] message)
    {
        using var batch = Decoded.Batch(message);
        Decoded.Decoder.Decode(OtlpSignal.Logs, batch).Status.ShouldBe(Collector.Receive.Request.DecodeStatus.Ok);
        return batch.Key;
    }

    private static byte[] Order(byte[] message)
    {
        using var batch = Decoded.Batch(message);
        Decoded.Decoder.Decode(OtlpSignal.Logs, batch);
        return batch.Text(batch.GroupOrder).ToArray();
    }

    // The messages of the rows, each at its rank in the request.
    private static string[] RanksOf(byte[] message)
    {
        var rows = Decoded.Of(OtlpSignal.Logs, message).Rows;
        var order = Order(message);
        order.ShouldAllBe(value => value < 0x80, "these are small numbers, a byte each");
        (int Rank, int Rows)[] groups = order.Length == 0
            ? [(0, rows.Length)]
            : [.. order.Chunk(2).Select(pair => ((int)pair[0], (int)pair[1]))];
        groups.Sum(static group => group.Rows).ShouldBe(rows.Length);
        groups.Select(static group => group.Rank).Order().ShouldBe(Enumerable.Range(0, groups.Length));
        var first = 0;
        return [.. groups
            .Select(group => (group.Rank, Rows: rows[first..(first += group.Rows)]))
            .OrderBy(static group => group.Rank)
            .SelectMany(static group => group.Rows)
            .Select(static row => row.Message)];
    }
}
