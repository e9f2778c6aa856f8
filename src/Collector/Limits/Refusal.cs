namespace Collector.Limits;

/// <summary>Why there was no place.</summary>
/// <param name="What">What the places are for, in the plural.</param>
/// <param name="Setting">The setting that says how many there are.</param>
/// <param name="Places">So many.</param>
/// <param name="IsOfAddress">There are others, but this address has all that one may have.</param>
internal sealed record Refusal(string What, string Setting, int Places, bool IsOfAddress)
{
    /// <summary>For the caller.</summary>
    public string Message => IsOfAddress
        ? $"Your address has all the {What} that one address may have: {Share.Of(Places)} of {Places} ({Setting}). Close some, or try again later."
        : $"All {Places} {What} that there may be ({Setting}) are taken. Try again later.";

    /// <summary>For the metrics.</summary>
    public string Reason => IsOfAddress ? "address" : "all";
}
