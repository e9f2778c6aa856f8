using System.Text.Encodings.Web;
using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite;
using Collector.Storage.Sqlite.Segments;
using Collector.Tests.Support;

namespace Collector.Tests.Storage.Sqlite.TextIndex;

/// <summary>
/// Any part of any text is found, wherever its row is: hot, sealed with an index of blocks of any size, sealed without.
/// Rows come late, pages follow each other, and the plain list knows what is right.
/// </summary>
public sealed class TextSearchPropertyTests
{
    private const int Segments = 4;
    private const int RowsEach = 1_500;
    private const int Questions = 80;

    private static readonly string[] _words =
    [
        "order", "Order", "ORDER", "payment", "timeout", "Straße", "STRASSE", "straẞe", "İstanbul", "ıssız", "ISSIZ", "istanbul",
        "ΣΊΣΥΦΟΣ", "σίσυφος", "e\u0301tude", "étude", "ÉTUDE", "\u212Aelvin", "kelvin", "ſtop", "stop", "🦓", "𐐨𐐀", "𐐀𐐨",
        "\"quoted\"", "C:\\temp\\x", "line\nbreak", "tab\there", "\u0001\u001f", "日本語", "テキスト", "\u00a0", "<b>&amp;</b>", "a'b", "%_%",
    ];

    private readonly List<SomeRow> _model = [];

    [Theory]
    [InlineData(1, 1_024)]
    [InlineData(2, 100)]
    [InlineData(3, 7)]
    [InlineData(4, 1)]
    public Task Any_part_of_any_text_is_found(int seed, int rowsInBlock) => FindAsync(seed, rowsInBlock, Questions);

    internal async Task FindAsync(int seed, int rowsInBlock, int questions)
    {
        var random = new Random(seed);
        var options = new SqliteStoreOptions { RowsInTextBlock = rowsInBlock };
        using var open = new OpenStore(options);
        for (var i = 0; i < Segments; i++)
        {
            var rows = Enumerable.Range(0, RowsEach).Select(_ => AnyRow(random)).ToArray();
            _model.AddRange(rows);
            open.Append(rows);
            if (i < Segments - 1)
            {
                // The third is sealed as all were before there was an index.
                options.TextIndex = i != 2;
                open.Restart(beginSegment: true);
                await open.IsSealedAsync();
            }
        }

        for (var i = 0; i < questions; i++)
        {
            Check(open.Store, AnyQuestion(random));
        }
    }

    private void Check(SqliteStore store, LogQuery query)
    {
        var expected = Expected(query);
        var answered = new List<string?>();
        var about = $"{query}";
        PageEnd end;
        do
        {
            answered.AddRange(store.Reader.Ask(query, out end).Select(static r => r.Message));
            query = query with { After = end.Last, Watermark = end.Watermark };
        }
        while (end.More && answered.Count < query.Limit * 5);

        answered.ShouldBe(expected.Take(end.More ? answered.Count : int.MaxValue), about);
    }

    private List<string?> Expected(LogQuery query)
    {
        var inJson = JavaScriptEncoder.UnsafeRelaxedJsonEscaping.Encode(query.Text!);
        var ascending = _model
            .Where(r => r.Message.Contains(query.Text!, StringComparison.OrdinalIgnoreCase)
                || r.Context!.Contains(inJson, StringComparison.OrdinalIgnoreCase))
            .Where(r => r.Level >= query.MinLevel && (query.Worker is null || r.Worker == query.Worker))
            .Where(r => r.Nanos >= query.From && r.Nanos < query.To)
            .OrderBy(static r => r.Nanos).Select(static r => (string?)r.Message).ToList();
        if (query.Descending)
        {
            ascending.Reverse();
        }

        return ascending;
    }

    private LogQuery AnyQuestion(Random random) => new()
    {
        Text = AnyNeedle(random),
        MinLevel = random.Next(4) == 0 ? (Level)random.Next(4) : Level.Debug,
        Worker = random.Next(6) == 0 ? $"w{random.Next(3)}" : null,
        From = random.Next(4) == 0 ? (ulong)random.Next(Segments * RowsEach) : 0,
        To = random.Next(4) == 0 ? (ulong)random.Next(Segments * RowsEach) : ulong.MaxValue,
        Descending = random.Next(2) == 0,
        Limit = random.Next(1, 200),
    };

    private string AnyNeedle(Random random)
    {
        if (random.Next(20) == 0)
        {
            return "not in any of them";
        }

        var text = _model[random.Next(_model.Count)].Message;
        var length = Math.Min(text.Length, random.Next(1, random.Next(2) == 0 ? 6 : 30));
        var part = text.Substring(random.Next(text.Length - length + 1), length);
        return random.Next(4) switch
        {
            0 => part.ToUpperInvariant(),
            1 => part.ToLowerInvariant(),
            _ => part,
        };
    }

    private SomeRow AnyRow(Random random)
    {
        var number = _model.Count;
        var note = string.Join(random.Next(2) == 0 ? " " : "", Enumerable.Range(0, random.Next(1, 5)).Select(_ => AnyWord(random)));
        // Producers that write their own context may escape more than is needed.
        var encoder = random.Next(2) == 0 ? JavaScriptEncoder.Default : JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        return new SomeRow
        {
            Message = $"{random.Next()} {AnyWord(random)}{AnyWord(random)} {random.Next(10)}",
            Context = $$$"""{"attributes":{"note":"{{{encoder.Encode(note)}}}","id":"{{{random.NextInt64():x16}}}"}}""",
            Level = (Level)random.Next(4),
            Worker = $"w{random.Next(3)}",
            Nanos = (ulong)(random.Next(30) == 0 ? random.Next(Segments * RowsEach) : number + random.Next(20) + 1),
        };
    }

    // Half of them seldom.
    private static string AnyWord(Random random) => _words[Math.Min(random.Next(_words.Length), random.Next(_words.Length * 2))];
}
