namespace Collector.Commands.Doctor;

/// <summary>Whether a Collector would start with these settings.</summary>
internal static class SettingsCheck
{
    private const string Topic = "settings";

    public static IEnumerable<Finding> Run(CommandContext context)
    {
        foreach (var mistake in context.Mistakes)
        {
            yield return Finding.Fail(Topic, $"{mistake}");
        }

        if (context.Mistakes.Count == 0)
        {
            yield return Finding.Ok(Topic, $"all are legal");
        }
    }
}
