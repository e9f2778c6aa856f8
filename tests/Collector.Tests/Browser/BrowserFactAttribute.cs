using Collector.Tests.Support;

namespace Collector.Tests.Browser;

/// <summary>A test in a real browser; skipped, with the reason, where there is none.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserFactAttribute : FactAttribute
{
    /// <param name="needs">An address of the API that this test is about.</param>
    public BrowserFactAttribute(string? needs = null) => Skip = Browsers.WhySkip(needs);
}

/// <summary>The same for a theory.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BrowserTheoryAttribute : TheoryAttribute
{
    /// <param name="needs">An address of the API that this test is about.</param>
    public BrowserTheoryAttribute(string? needs = null) => Skip = Browsers.WhySkip(needs);
}

internal static class Browsers
{
    public static string? WhySkip(string? needs) => Chromium.WhyNot ?? (needs is null || Serves(needs) ? null : $"the API has no {needs} yet");

    private static bool Serves(string path) => Repository.Sources()
        .Any(file => file.Lines.Any(line => line.Contains($"\"{path}\"", StringComparison.Ordinal)));
}
