namespace Collector.Query;

/// <summary>
/// The path of a request as it was sent. The decoded path leaves %2F as it is, and so can't tell it from %252F: what was
/// encoded is what is asked for.
/// </summary>
internal static class RawPath
{
    private const string SchemeEnd = "://";

    /// <summary>
    /// What follows a path's first parts, each part decoded once. Finds them however they were written: encoded, after dot
    /// segments, or behind a scheme and a host.
    /// </summary>
    /// <param name="target">The target in the request line.</param>
    /// <param name="parts">How many parts come before the end.</param>
    public static string EndOf(string target, int parts)
    {
        var kept = new List<string>();
        foreach (var part in PathOf(target)[1..].Split('/'))
        {
            var decoded = Uri.UnescapeDataString(part);
            if (decoded == ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }
            else if (decoded is not "." and not "..")
            {
                kept.Add(decoded);
            }
        }

        return string.Join('/', kept.Skip(parts));
    }

    private static string PathOf(string target)
    {
        var path = target.Split('?', 2)[0];
        if (path.StartsWith('/'))
        {
            return path;
        }

        var scheme = path.IndexOf(SchemeEnd, StringComparison.Ordinal);
        var slash = scheme < 0 ? -1 : path.IndexOf('/', scheme + SchemeEnd.Length);
        return slash < 0 ? "/" : path[slash..];
    }
}
