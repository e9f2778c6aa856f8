using System.Globalization;
using System.Text;
using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// What had to be changed in the record at hand, in short English sentences for its context. Rare, so it may allocate;
/// bounded, so that a hostile record cannot make it grow.
/// </summary>
/// <param name="batch">Counts odd values.</param>
/// <param name="transcoded">What a transcoder noted of the body's messages, by where they begin; null where there was none.</param>
internal sealed class Notes(RowBatch batch, ILookup<int, string>? transcoded = null)
{
    public const string Repaired = "invalid UTF-8 repaired";

    private const int MaxNotes = 32;
    private const int MaxNameBytes = 64;

    private readonly List<string> _notes = [];
    private int _more;

    public bool IsEmpty => _notes.Count == 0;

    public void Clear()
    {
        _notes.Clear();
        _more = 0;
    }

    /// <summary>Notes that the value at <paramref name="place"/> could not be kept as it came.</summary>
    public void Add(string? place, string what)
    {
        batch.OddValues++;
        Remark(place, what);
    }

    /// <summary>Notes something about a value that is kept as it came; it does not count as odd.</summary>
    public void Remark(string? place, string what)
    {
        if (_notes.Count < MaxNotes)
        {
            _notes.Add(string.IsNullOrEmpty(place) ? what : $"{place}: {what}");
            return;
        }

        _more++;
    }

    public void Add(in Place place, string what)
    {
        if (_notes.Count < MaxNotes)
        {
            Add(Name(place), what);
            return;
        }

        batch.OddValues++;
        _more++;
    }

    /// <summary>Adds what the transcoder noted of a message of the body, which holds the value at <paramref name="place"/>.</summary>
    public void Relay(in Place place, Slice message)
    {
        if (transcoded is null)
        {
            return;
        }

        foreach (var note in transcoded[message.Offset])
        {
            Add(place, note);
        }
    }

    /// <summary>Whether the transcoder noted anything of this message.</summary>
    public bool HasOf(Slice message) => transcoded?.Contains(message.Offset) == true;

    public void Write(JsonText json)
    {
        if (_notes.Count == 0)
        {
            return;
        }

        json.Name("\"notes\":"u8);
        json.Raw((byte)'[');
        foreach (var note in _notes)
        {
            json.Comma();
            json.String(Encoding.UTF8.GetBytes(note));
        }

        if (_more > 0)
        {
            json.Raw(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $",\"and {_more} more\"")));
        }

        json.Raw((byte)']');
    }

    private string? Name(in Place place) =>
        place.Key.IsEmpty ? place.Section : $"{place.Section}.{Text(batch.Text(place.Key))}";

    private static string Text(ReadOnlySpan<byte> name) =>
        Encoding.UTF8.GetString(name[..Utf8Text.Cut(name, MaxNameBytes)]);
}

/// <summary>Where in a record a value stands, for notes; the default stands for the record as a whole.</summary>
internal readonly record struct Place(string? Section, Slice Key = default);
