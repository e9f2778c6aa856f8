namespace Collector.Commands.Doctor;

/// <summary>How bad it is.</summary>
internal enum Verdict
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Works, but an operator should know.</summary>
    Warn,

    /// <summary>Does not work, or loses something.</summary>
    Fail,
}

/// <summary>What a check found.</summary>
internal readonly record struct Finding(Verdict Verdict, string Topic, string Text)
{
    public static Finding Ok(string topic, FormattableString text) =>
        new(Verdict.Ok, topic, FormattableString.Invariant(text));

    public static Finding Warn(string topic, FormattableString text) =>
        new(Verdict.Warn, topic, FormattableString.Invariant(text));

    public static Finding Fail(string topic, FormattableString text) =>
        new(Verdict.Fail, topic, FormattableString.Invariant(text));
}
