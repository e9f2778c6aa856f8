using System.Globalization;
using System.Text;
using Collector.Model;

namespace Collector.Tests.Model;

public sealed class IdTextTests
{
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";

    [Theory]
    [InlineData(Trace, Trace)]
    [InlineData("projects/my-shop-1/traces/4bf92f3577b34da6a3ce929d0e0e4736", Trace)]
    [InlineData("4BF92F3577B34DA6A3CE929D0E0E4736", Trace)]
    [InlineData(" 4bf92f3577b34da6a3ce929d0e0e4736\n", Trace)]
    [InlineData("4bf92f35-77b3-4da6-a3ce-929d0e0e4736", Trace)]
    [InlineData("{4BF92F35-77B3-4DA6-A3CE-929D0E0E4736}", Trace)]
    [InlineData("\"4bf92f3577b34da6a3ce929d0e0e4736\"", Trace)]
    [InlineData("0x4bf92f3577b34da6a3ce929d0e0e4736", Trace)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Trace)]
    [InlineData("1-4bf92f35-77b34da6a3ce929d0e0e4736", Trace)]
    [InlineData("Root=1-4bf92f35-77b34da6a3ce929d0e0e4736;Parent=00f067aa0ba902b7;Sampled=1", Trace)]
    [InlineData("S/kvNXezTaajzpKdDg5HNg==", Trace)]
    [InlineData("00f067aa0ba902b7", "000000000000000000f067aa0ba902b7")]
    [InlineData("APBnqgupArc=", "000000000000000000f067aa0ba902b7")]
    [InlineData("67667974448284343", "000000000000000000f067aa0ba902b7")]
    [InlineData("00000000000000000000000000000000", null)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e473", null)]
    [InlineData("4bf92f3577b34da6a3ce929d0e0e473g", null)]
    [InlineData("+bf92f3577b34da6a3ce929d0e0e4736", null)]
    [InlineData("order-7", null)]
    [InlineData("1234567", null)]
    [InlineData("", null)]
    public void A_trace_id_is_read_in_any_of_its_forms(string text, string? expected)
    {
        var isTrace = IdText.TryTrace(text, out var id);

        (isTrace ? id.ToString("x32", CultureInfo.InvariantCulture) : null).ShouldBe(expected);
    }

    [Theory]
    [InlineData("00f067aa0ba902b7", 0x00f067aa0ba902b7UL)]
    [InlineData(" 00F067AA0BA902B7 ", 0x00f067aa0ba902b7UL)]
    [InlineData("67667974448284343", 0x00f067aa0ba902b7UL)]
    [InlineData("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", 0x00f067aa0ba902b7UL)]
    [InlineData("0000000000000000", 0UL)]
    [InlineData("f067aa0ba902b7", 0UL)]
    public void A_span_id_is_read_in_any_of_its_forms(string text, ulong expected) =>
        (IdText.TrySpan(Encoding.UTF8.GetBytes(text), out var id) ? id : 0).ShouldBe(expected);

    [Fact]
    public void Every_form_of_an_id_leads_to_the_form_that_is_stored()
    {
        var random = new Random(1);
        for (var i = 0; i < 200; i++)
        {
            var bytes = new byte[16];
            random.NextBytes(bytes);
            var id = new Guid(bytes);
            string[] forms = [.. "NDB".SelectMany(form => new[] { id.ToString(form.ToString()), id.ToString(form.ToString()).ToUpperInvariant() })];
            foreach (var stored in forms)
            {
                forms.ShouldAllBe(asked => IdText.Forms($" {asked} ").Contains(stored));
            }
        }
    }

    [Fact]
    public void Whatever_the_text_nothing_throws()
    {
        var random = new Random(2);
        for (var i = 0; i < 20_000; i++)
        {
            var text = new byte[random.Next(70)];
            random.NextBytes(text);
            if (random.Next(2) == 0)
            {
                for (var at = 0; at < text.Length; at++)
                {
                    text[at] = (byte)"0123456789abcdefABCDEF-={} ;Root"[text[at] % 32];
                }
            }

            IdText.TryTrace(text, out _);
            IdText.TrySpan(text, out _);
            IdText.Forms(Encoding.UTF8.GetString(text));
        }
    }
}
