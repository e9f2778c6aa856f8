using System.Collections.Concurrent;
using Collector.Model;
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

    /// <summary>All values but the limit.</summary>
    public static void Bind(SqliteStatement rows, PageScope scope, in PageBound bound)
    {
        rows.BindTime(Parameter.From, bound.From);
        rows.BindTime(Parameter.To, bound.To);
        rows.Bind(Parameter.LastRow, bound.LastRow);
        rows.BindTime(Parameter.BehindTime, bound.Behind.Nanos);
        rows.Bind(Parameter.BehindRow, bound.Behind.Row);
        if (bound.Level is { } level)
        {
            rows.Bind(Parameter.Level, Names.Utf8(level));
        }

        // A value that the shape leaves out is bound to a number that no line uses.
        BindIf(rows, Parameter.Worker, scope.Worker);
        BindIf(rows, Parameter.Correlation, scope.Correlation);
        BindIf(rows, Parameter.Trace, scope.Trace);
        BindIf(rows, Parameter.Request, scope.Request);
        BindIf(rows, Parameter.Outcome, scope.Outcome);
        if (scope.Query.Kind is { } kind)
        {
            rows.Bind(Parameter.Kind, Names.Utf8(kind));
        }
    }

    private static void BindIf(SqliteStatement rows, int parameter, byte[]? value)
    {
        if (value is not null)
        {
            rows.Bind(parameter, value);
        }
    }

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

/// <param name="From">Inclusive.</param>
/// <param name="To">Exclusive.</param>
/// <param name="LastRow">The last rowid that the question sees.</param>
/// <param name="Behind">Only rows behind this time and rowid, in the order of the answer.</param>
/// <param name="Level">Exactly this level; null where it does not matter.</param>
internal readonly record struct PageBound(ulong From, ulong To, long LastRow, (ulong Nanos, long Row) Behind, Level? Level);
