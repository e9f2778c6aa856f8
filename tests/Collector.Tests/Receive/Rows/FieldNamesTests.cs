using System.Text;
using Collector.Receive.Rows;

namespace Collector.Tests.Receive.Rows;

public sealed class FieldNamesTests
{
    [Theory]
    [InlineData("correlation_id", "CorrelationId 0")]
    [InlineData("CorrelationId", "CorrelationId 0")]
    [InlineData("correlationID", "CorrelationId 0")]
    [InlineData("correlation.id", "CorrelationId 0")]
    [InlineData("CORRELATION-ID", "CorrelationId 0")]
    [InlineData("X-Correlation-ID", "CorrelationId 0")]
    [InlineData("http.request.header.x-correlation-id", "CorrelationId 3")]
    [InlineData("http.request.header.x_correlation_id", "CorrelationId 3")]
    [InlineData("log4j.map_message.correlationId", "CorrelationId 2")]
    [InlineData("baggage.correlation_id", "CorrelationId 1")]
    [InlineData("reqId", "RequestId 0")]
    [InlineData("request.id", "RequestId 0")]
    [InlineData("cf-ray", "RequestId 0")]
    [InlineData("cloudflare.ray_id", "RequestId 0")]
    [InlineData("faas.invocation_id", "RequestId 0")]
    [InlineData("TraceIdentifier", "RequestId 0")]
    [InlineData("InvocationId", "RequestId 0")]
    [InlineData("dd.trace_id", "TraceId 1")]
    [InlineData("logging.googleapis.com/trace", "TraceId 0")]
    [InlineData("logging.googleapis.com/spanId", "SpanId 0")]
    [InlineData("traceId", "TraceId 0")]
    [InlineData("@tr", "TraceId 0")]
    [InlineData("@sp", "SpanId 0")]
    [InlineData("parent_span_id", "")]
    [InlineData("parentSpanId", "")]
    [InlineData("uncorrelation_id", "")]
    [InlineData("correlation_ids", "")]
    [InlineData("customer_id", "")]
    [InlineData("id", "")]
    [InlineData("", "")]
    [InlineData("log.level", "Level 0")]
    [InlineData("Severity", "Level 0")]
    [InlineData("http.level", "")]
    [InlineData("my.message", "")]
    [InlineData("service.name", "Worker 0")]
    [InlineData("http.response.status_code", "HttpStatus 0")]
    public void A_name_means_the_same_in_whatever_spelling(string name, string expected)
    {
        var match = FieldNames.Default.Of(Encoding.UTF8.GetBytes(name));

        (match.RankAt(0) > 0 ? $"{match.Meaning} {match.Depth}" : "").ShouldBe(expected);
    }

    [Theory]
    [InlineData("req", "id", "RequestId")]
    [InlineData("log", "level", "Level")]
    [InlineData("record", "message", "Message")]
    [InlineData("http", "correlation_id", "CorrelationId")]
    [InlineData("user", "id", "")]
    [InlineData("http", "level", "")]
    public void A_member_may_have_a_part_of_its_name_from_the_object_around_it(string parent, string name, string expected)
    {
        var match = FieldNames.Default.Of(Encoding.UTF8.GetBytes(name), Encoding.UTF8.GetBytes(parent));

        (match.RankAt(1) > 0 ? match.Meaning.ToString() : "").ShouldBe(expected);
    }

    [Fact]
    public void The_operators_names_are_known_and_the_first_counts_most()
    {
        var names = new FieldNames(["Vorgang", "Größe-Id"], ["beleg_nr"]);

        names.Of("vorgang"u8).ShouldBe(new FieldMatch(Meaning.CorrelationId, 0, 0, true));
        names.Of("Größe_id"u8).ShouldBe(new FieldMatch(Meaning.CorrelationId, 1, 0, true));
        names.Of("a.BelegNr"u8).ShouldBe(new FieldMatch(Meaning.RequestId, 0, 1, true));
        names.Of("correlation_id"u8).RankAt(0).ShouldBe(0);
    }
}
