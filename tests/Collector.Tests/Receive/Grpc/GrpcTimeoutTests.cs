using Collector.Receive.Grpc;

namespace Collector.Tests.Receive.Grpc;

public sealed class GrpcTimeoutTests
{
    [Theory]
    [InlineData("4974m", 4974.0)]
    [InlineData("10S", 10_000.0)]
    [InlineData("2M", 120_000.0)]
    [InlineData("1H", 3_600_000.0)]
    [InlineData("1500u", 1.5)]
    [InlineData("1000000n", 1.0)]
    [InlineData("99999999H", 86_400_000.0)]
    [InlineData("0m", 0.0)]
    public void A_timeout_is_digits_and_a_unit(string text, double milliseconds)
    {
        GrpcTimeout.TryParse(text, out var timeout).ShouldBeTrue();
        timeout.TotalMilliseconds.ShouldBe(milliseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("5")]
    [InlineData("m")]
    [InlineData("5x")]
    [InlineData("-5m")]
    [InlineData("123456789m")]
    [InlineData("1 m")]
    public void Anything_else_is_none(string text) => GrpcTimeout.TryParse(text, out _).ShouldBeFalse();

    [Theory]
    [InlineData("plain text", "plain text")]
    [InlineData("100 %", "100 %25")]
    [InlineData("café\n", "caf%C3%A9%0A")]
    public void A_message_is_percent_encoded(string message, string encoded) => GrpcMessage.Encode(message).ShouldBe(encoded);
}
