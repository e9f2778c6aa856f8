using System.Text;

namespace Collector.Benchmarks.Load;

/// <summary>
/// Text as logs hold it: words of 20,000, few of them often and most of them seldom (Zipf's law), always the same for
/// the same row. Some words come in every so many rows and nowhere else, to be searched for.
/// </summary>
internal static class VariedText
{
    private const int Words = 20_000;
    private const int Draws = 1 << 16;

    /// <summary>A word, and in each so many rows once.</summary>
    public static readonly (string Word, long Every)[] Planted =
        [("heartbeat", 10), ("checksum", 1_000), ("quarantine", 100_000), ("xylophone", 5_000_000)];

    private static readonly string[] _usual =
    [
        "request", "response", "order", "customer", "payment", "accepted", "failed", "retry", "timeout", "connection",
        "upstream", "cache", "miss", "hit", "database", "query", "took", "user", "session", "token", "expired", "service",
        "started", "stopped", "worker", "queue", "message", "published", "consumed", "invoice", "shipment", "warehouse",
        "item", "stock", "reserved", "released", "price", "updated", "created", "deleted", "with", "from", "into", "after",
        "before", "attempt", "status", "error", "warning", "handled", "unexpected", "socket", "closed", "by", "peer", "host",
        "node", "cluster", "leader", "elected", "replica", "lag", "commit", "rollback", "transaction", "index", "batch",
    ];

    private static readonly string[] _syllables =
    [
        "ka", "ri", "ton", "mes", "lo", "ver", "nid", "su", "pra", "gel", "mo", "tis", "an", "dor", "fe", "lin", "bur", "ost",
        "ma", "ch", "ser", "vi", "quo", "ter", "ble", "in", "gra", "phy", "con", "tra", "dex", "um", "er", "al", "en", "sta",
    ];

    private static readonly byte[][] _words = [.. Enumerable.Range(0, Words).Select(static i => Encoding.ASCII.GetBytes(WordOf(i)))];

    // Rank by a uniform number, so that a row costs no logarithms.
    private static readonly ushort[] _draws =
        [.. Enumerable.Range(0, Draws).Select(static i => (ushort)(Math.Pow(Words, (i + 0.5) / Draws) - 1))];

    /// <summary>Fills the place with words and spaces.</summary>
    /// <param name="row">Its number.</param>
    /// <param name="salt">So that a row's places hold different text.</param>
    /// <param name="place">All of it is written.</param>
    public static void Write(long row, uint salt, Span<byte> place)
    {
        for (var number = 0UL; !place.IsEmpty; number++)
        {
            var word = _words[_draws[Mix(((ulong)row << 12) ^ ((ulong)salt << 6) ^ number) & (Draws - 1)]];
            var length = Math.Min(word.Length, place.Length);
            word.AsSpan(0, length).CopyTo(place);
            place = place[length..];
            if (!place.IsEmpty)
            {
                place[0] = (byte)' ';
                place = place[1..];
            }
        }
    }

    /// <summary>Puts the row's planted word, if it has one, over the beginning of its text.</summary>
    public static void Plant(long row, Span<byte> place)
    {
        foreach (var (word, every) in Planted)
        {
            if (row % every == every / 3)
            {
                Encoding.ASCII.GetBytes(word, place);
                place[word.Length] = (byte)' ';
                place = place[(word.Length + 1)..];
            }
        }
    }

    /// <summary>SplitMix64: neighbours in number are strangers in value, as ids of a real system are.</summary>
    public static ulong Mix(ulong value)
    {
        value += 0x9E3779B97F4A7C15;
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    private static string WordOf(int rank)
    {
        if (rank < _usual.Length)
        {
            return _usual[rank];
        }

        var text = new StringBuilder();
        var mixed = Mix((ulong)rank);
        for (var i = 2 + (rank % 3); i > 0; i--, mixed /= (ulong)_syllables.Length)
        {
            text.Append(_syllables[mixed % (ulong)_syllables.Length]);
        }

        return text.ToString();
    }
}
