using Collector.Commands;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Tests.Commands;

public sealed class TextTests
{
    [Theory]
    [InlineData("plain ünïcode 世界 🎉 e\u0301", "plain ünïcode 世界 🎉 e\u0301")]
    [InlineData("\u001b[31mred\u0007", @"\x1b[31mred\x07")]
    [InlineData("a\r\n\tb\0\u007f", @"a\r\n\tb\x00\x7f")]
    [InlineData("\u009b31m", @"\x9b31m")]
    [InlineData("abc\u202edcb", @"abc\u{202e}dcb")]
    [InlineData("a\u200bb\u2028c\ue000", @"a\u{200b}b\u{2028}c\u{e000}")]
    public void What_a_terminal_would_obey_or_hide_is_made_visible(string text, string visible) => VisibleText.Of(text).ShouldBe(visible);

    [Theory]
    [InlineData(true, null, "xterm", true)]
    [InlineData(true, "", "xterm", true)]
    [InlineData(true, "1", "xterm", false)]
    [InlineData(true, null, "dumb", false)]
    [InlineData(false, null, "xterm", false)]
    public void Colours_are_for_people_who_want_them(bool isTerminal, string? noColor, string term, bool isOn) =>
        Ansi.For(isTerminal, name => name == "NO_COLOR" ? noColor : term).IsOn.ShouldBe(isOn);

    [Theory]
    [InlineData("attr.latency_ms>=250", "attr.latency_ms%3E=250")]
    [InlineData("wall_time_ms>250", "wall_time_ms%3E250")]
    [InlineData("attr.http.route=/a?b=c&d", "attr.http.route=%2Fa%3Fb%3Dc%26d")]
    public void A_comparison_becomes_one_parameter(string text, string part) => LogFilters.Comparison(text).ShouldBe(part);

    [Theory]
    [InlineData(0.0421, "0.042 ms")]
    [InlineData(12.4, "12 ms")]
    [InlineData(1250, "1.25 s")]
    [InlineData(61_000, "61.0 s")]
    public void Durations_are_short(double milliseconds, string text) => LogText.Duration(milliseconds).ShouldBe(text);

    [Theory]
    [InlineData("serve --Storage:Path=/x", "--Storage:Path=/x", "serve")]
    [InlineData("--Storage:Path /x --Listen:Web=[::1]:0 sql q", "--Storage:Path /x --Listen:Web=[::1]:0", "sql q")]
    [InlineData("logs --url http://h:1 --where attr.a:b=1 --q=a:b", "", "logs --url http://h:1 --where attr.a:b=1 --q=a:b")]
    [InlineData("sql -- --Storage:Path=/x", "", "sql -- --Storage:Path=/x")]
    [InlineData("--Ingest:Keys:0=abcdefgh", "--Ingest:Keys:0=abcdefgh", "")]
    [InlineData("sql --Storage:Path", "--Storage:Path", "sql")]
    public void Settings_are_told_from_the_rest_of_the_line(string line, string settings, string others)
    {
        var split = SettingArguments.Split(line.Split(' '));

        string.Join(' ', split.Settings).ShouldBe(settings);
        string.Join(' ', split.Others).ShouldBe(others);
    }

    [Theory]
    [InlineData("3.51.2", 1)]
    [InlineData("3.51.3", 0)]
    [InlineData("3.50.6", 1)]
    [InlineData("3.50.7", 0)]
    [InlineData("3.44.6", 0)]
    [InlineData("3.7.0", 1)]
    [InlineData("3.52.0", 1)]
    [InlineData("3.53.4", 0)]
    [InlineData("four", 1)]
    public void Known_faults_of_SQLite_are_told_by_version(string version, int faults) =>
        SqliteLibrary.FaultsOf(version).Count().ShouldBe(faults);
}
