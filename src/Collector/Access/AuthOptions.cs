namespace Collector.Access;

/// <summary>Who may send and who may read.</summary>
internal sealed class AuthOptions
{
    /// <summary>Keys beside those of the keys file. Default none.</summary>
    public IReadOnlyList<KeyEntry> Keys { get; set; } = [];

    /// <summary>How long a login of the dashboard lasts without being used. Default 12 h; 1 min to 90 days.</summary>
    public TimeSpan SessionAge { get; set; } = TimeSpan.FromHours(12);
}
