namespace Collector.Hosting;

/// <summary>The options of this run, or all that is wrong with them.</summary>
internal static class CheckedOptions
{
    /// <param name="arguments">The settings of the command line, such as <c>--Storage:Path=/x</c>.</param>
    /// <param name="complaints">Where every mistake is told, a line each.</param>
    /// <param name="options">Of use only where this returns true.</param>
    public static bool TryRead(string[] arguments, TextWriter complaints, out CollectorOptions options)
    {
        (options, var mistakes) = Read(arguments);
        foreach (var mistake in mistakes)
        {
            complaints.WriteLine(mistake);
        }

        return mistakes.Count == 0;
    }

    /// <summary>The options with the default in the place of every mistake, and the mistakes, a line each.</summary>
    public static (CollectorOptions Options, IReadOnlyList<string> Mistakes) Read(string[] arguments)
    {
        try
        {
            return Settings.Load(ConfigurationSources.Load(arguments));
        }
        catch (Exception error) when (error is InvalidDataException or FormatException)
        {
            return (new CollectorOptions(), [$"The settings can't be read: {(error.InnerException ?? error).Message}"]);
        }
    }
}
