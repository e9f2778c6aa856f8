namespace Collector.Commands;

/// <summary>Takes the settings out of a command line, wherever they stand in it: <c>--Section:Key=value</c>.</summary>
internal static class SettingArguments
{
    /// <summary>The settings, and what is left for the command; behind <c>--</c> nothing is a setting.</summary>
    public static (string[] Settings, string[] Others) Split(string[] arguments)
    {
        var settings = new List<string>();
        var rest = new List<string>();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--")
            {
                rest.AddRange(arguments[i..]);
                break;
            }

            var isSetting = IsSetting(arguments[i]);
            (isSetting ? settings : rest).Add(arguments[i]);
            if (isSetting && !arguments[i].Contains('=', StringComparison.Ordinal) && i + 1 < arguments.Length)
            {
                settings.Add(arguments[++i]);
            }
        }

        return ([.. settings], [.. rest]);
    }

    private static bool IsSetting(string argument)
    {
        var name = argument.Split('=')[0];
        return name.StartsWith("--", StringComparison.Ordinal) && name.IndexOf(':', StringComparison.Ordinal) > 2
            && name.AsSpan(2).IndexOfAnyExcept(_nameCharacters) < 0;
    }

    private static readonly System.Buffers.SearchValues<char> _nameCharacters =
        System.Buffers.SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.:");
}
