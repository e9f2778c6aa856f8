using System.IO.Enumeration;
using System.Text;

namespace Collector.Access;

/// <summary>A key in force: what it allows, and how it was used. Safe for any number of threads.</summary>
internal sealed class AccessKey
{
    private readonly SendingRate _rows;
    private readonly SendingRate _bytes;
    private readonly KeyUse _use;

    /// <param name="entry">Legal.</param>
    /// <param name="hash">Of the key.</param>
    /// <param name="source">Where it comes from, for operators.</param>
    /// <param name="clock">Times its rates and uses.</param>
    /// <param name="use">Of the same key before its entry changed; null for a new one.</param>
    public AccessKey(KeyEntry entry, byte[] hash, string source, TimeProvider clock, KeyUse? use = null)
    {
        Entry = entry;
        Hash = hash;
        Source = source;
        _rows = new SendingRate(entry.RowsPerSecond, clock);
        _bytes = new SendingRate(entry.BytesPerSecond, clock);
        _use = use ?? new KeyUse();
    }

    public KeyEntry Entry { get; }

    public string Name => Entry.Name;

    /// <summary>SHA-256 of the key.</summary>
    public byte[] Hash { get; }

    public string Source { get; }

    public KeyUse Use => _use;

    /// <summary>May send for some services only.</summary>
    public bool IsOfServices => !Entry.IsForAllServices;

    /// <summary>Neither rows nor bytes are above their rates.</summary>
    public bool HasRoom => _rows.HasRoom && _bytes.HasRoom;

    public bool IsExpired(DateTimeOffset now) => Entry.Expires <= now;

    public bool MaySpeakFor(ReadOnlySpan<byte> service)
    {
        if (!IsOfServices)
        {
            return true;
        }

        var name = Encoding.UTF8.GetString(service);
        return Entry.Services.Any(glob => FileSystemName.MatchesSimpleExpression(glob, name, ignoreCase: false));
    }

    /// <summary>Counts what was sent.</summary>
    public void Charge(int rows, int bytes)
    {
        _rows.Charge(rows);
        _bytes.Charge(bytes);
    }
}

/// <summary>How often a key was used, and when last. Safe for any number of threads.</summary>
internal sealed class KeyUse
{
    private long _count;
    private long _lastTicks;

    public long Count => Volatile.Read(ref _count);

    /// <summary>Null: not since the start.</summary>
    public DateTimeOffset? Last => Volatile.Read(ref _lastTicks) is > 0 and var ticks ? new DateTimeOffset(ticks, TimeSpan.Zero) : null;

    public void Add(DateTimeOffset now)
    {
        Interlocked.Increment(ref _count);
        Volatile.Write(ref _lastTicks, now.UtcTicks);
    }
}
