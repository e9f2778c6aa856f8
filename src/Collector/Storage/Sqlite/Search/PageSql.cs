using System.Collections.Concurrent;
using Collector.Storage.Sqlite.Driver;

namespace Collector.Storage.Sqlite.Search;

/// <summary>Composes the lines of <c>page.sql</c>: fixed text only, values are parameters.</summary>
internal static class PageSql
{
    private const string NameMark = "-- ";

    private static readonly (string Text, string? Name)[] _lines =
        [.. Sql.Get("page").Split('\n').Where(static line => line.Length > 0 && !line.StartsWith(NameMark, StringComparison.Ordinal)).Select(Split)];

    private static readonly ConcurrentDictionary<PageShape, string> _composed = new();

    public static string For(PageShape shape) => _composed.GetOrAdd(shape, static shape =>
    {
        var names = shape.Lines.ToHashSet();
        return string.Join('\n', _lines.Where(line => line.Name is null || names.Contains(line.Name)).Select(static line => line.Text));
    });

    private static (string Text, string? Name) Split(string line)
    {
        var mark = line.IndexOf(NameMark, StringComparison.Ordinal);
        return mark < 0 ? (line, null) : (line[..mark].TrimEnd(), line[(mark + NameMark.Length)..].TrimEnd());
    }

    /// <summary>The numbers in <c>page.sql</c>.</summary>
    public static class Parameter
    {
        public const int From = 1;
        public const int To = 2;
        public const int LastRow = 3;
        public const int BehindTime = 4;
        public const int BehindRow = 5;
        public const int Level = 6;
        public const int Worker = 7;
        public const int Correlation = 8;
        public const int Trace = 9;
        public const int Limit = 10;
        public const int Request = 11;
        public const int Kind = 12;
        public const int Outcome = 13;
    }
}
