namespace Collector.Access;

/// <summary>What a key opens.</summary>
[Flags]
internal enum Rights
{
    None = 0,

    /// <summary>Send rows.</summary>
    Send = 1,

    /// <summary>Ask questions: the dashboard, the API and the metrics.</summary>
    Read = 2,

    /// <summary>Whatever reaches beyond questions; it holds the right to read.</summary>
    Admin = 4,
}

internal static class RightNames
{
    /// <summary>For those who gave another.</summary>
    public const string Legal = "one or several of send, read and admin";

    private static readonly (Rights Right, string Name)[] _names = [(Rights.Send, "send"), (Rights.Read, "read"), (Rights.Admin, "admin")];

    /// <summary>Reads names between commas or blanks; at least one.</summary>
    public static bool TryParse(string text, out Rights rights)
    {
        rights = Rights.None;
        foreach (var word in text.Split([',', ' '], StringSplitOptions.RemoveEmptyEntries))
        {
            var (right, _) = Array.Find(_names, pair => pair.Name.Equals(word, StringComparison.OrdinalIgnoreCase));
            if (right == Rights.None)
            {
                return false;
            }

            rights |= right;
        }

        return rights != Rights.None;
    }

    public static string ToText(this Rights rights) => string.Join(",", _names.Where(pair => rights.HasFlag(pair.Right)).Select(static pair => pair.Name));

    /// <summary>Whether these allow what asks for that right.</summary>
    public static bool Allow(this Rights rights, Rights right) =>
        (rights & right) != 0 || (right == Rights.Read && rights.HasFlag(Rights.Admin));
}
