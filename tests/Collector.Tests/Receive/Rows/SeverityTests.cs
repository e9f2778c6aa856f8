using System.Text;
using Collector.Receive.Rows;

namespace Collector.Tests.Receive.Rows;

public sealed class SeverityTests
{
    [Theory]
    [InlineData("Trace", "TRACE trace Verbose VRB FINEST FINER silly trce 10 DEBUG-4")]
    [InlineData("Debug", "DEBUG dbg dbug CONFIG FINE D V 20 7 debug5 DEBUG2 100")]
    [InlineData("Info", "INFO Information inf informational notice success I 30 6 5 INFO+2 INFO4 200 250 http LOG")]
    [InlineData("Warn", "WARN Warning WRN W 40 4 [WARN] warn: WARN2 300 LogLevel.Warning SEVERITY_NUMBER_WARN3")]
    [InlineData("Error", "ERROR err ERR eror fail SEVERE E 50 3 [ERROR] error: ERROR2 400 <error>")]
    [InlineData("Fatal", "FATAL FTL critical CRIT crit panic dpanic alert EMERG emergency F 60 2 0 ERROR+4 500 600 Critical")]
    [InlineData("None", "custom -1 8 9 eleven ???? debugger informationally warns")]
    public void Words_and_numbers_of_loggers_mean_their_level(string grade, string words)
    {
        foreach (var word in words.Split(' '))
        {
            Severity.OfText(Encoding.UTF8.GetBytes(word)).ToString().ShouldBe(grade, word);
        }
    }

    [Fact]
    public void A_long_or_empty_text_is_no_word()
    {
        Severity.OfText(""u8).ShouldBe(Grade.None);
        Severity.OfText(" [ ] "u8).ShouldBe(Grade.None);
        Severity.OfText(Encoding.UTF8.GetBytes(new string('e', 1000))).ShouldBe(Grade.None);
        Severity.OfText("ÄRGER"u8).ShouldBe(Grade.None);
    }
}
