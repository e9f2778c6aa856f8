using Collector.Model;

namespace Collector.Receive.Rows;

/// <summary>
/// The rules for a producer's values, in whatever encoding they come: secrets are left out, broken text is repaired, deep nesting
/// is cut, and nothing is longer than its row. Each protocol walks its own values and calls this for their parts.
/// </summary>
internal sealed class ValueWriter(SecretNames secrets, Redactor redactor, JsonText json, Notes notes)
{
    /// <summary>Values nested deeper than this are neither checked nor read nor written.</summary>
    public const int MaxDepth = 64;

    private bool _overflowed;

    /// <summary>The value under way still fits <see cref="JsonText.Limit"/>; otherwise what stands there is cut short.</summary>
    public bool Fits
    {
        get
        {
            _overflowed |= json.RoomLeft < 0;
            return !_overflowed;
        }
    }

    /// <summary>Begins a value; what is returned is for <see cref="TryEnd"/>.</summary>
    public int Begin()
    {
        _overflowed = false;
        return json.Length;
    }

    /// <summary>False where the value did not fit; then nothing of it is left.</summary>
    public bool TryEnd(int start)
    {
        if (!Fits)
        {
            json.Truncate(start);
        }

        return !_overflowed;
    }

    /// <param name="text">What the string says, escapes undone.</param>
    /// <param name="secrecy">A secret's text is not stored.</param>
    /// <param name="place">For notes.</param>
    /// <param name="isSound">False where the caller had to repair the text.</param>
    public void Text(ReadOnlySpan<byte> text, Secrecy secrecy, in Place place, bool isSound = true)
    {
        if (!CanWrite(text.Length, secrecy))
        {
            return;
        }

        var valid = redactor.String(text, json.RoomLeft, out var length);
        _overflowed |= length < text.Length;
        if (!(valid & isSound))
        {
            notes.Add(place, Notes.Repaired);
        }
    }

    public void Bytes(ReadOnlySpan<byte> bytes, Secrecy secrecy)
    {
        if (CanWrite(bytes.Length, secrecy))
        {
            json.Base64(bytes);
        }
    }

    /// <summary>A number, a truth value or null, as JSON.</summary>
    public void Literal(ReadOnlySpan<byte> text)
    {
        if (CanWrite(text.Length, Secrecy.None))
        {
            json.Raw(text);
        }
    }

    /// <summary>Begins a member of an object within the value; false where it does not fit.</summary>
    /// <param name="name">Its name, escapes undone.</param>
    /// <param name="outer">What is to happen to the object's texts.</param>
    /// <param name="place">For notes.</param>
    /// <param name="secrecy">What is to happen to the member's.</param>
    public bool TryMember(ReadOnlySpan<byte> name, Secrecy outer, in Place place, out Secrecy secrecy)
    {
        secrecy = secrets.Of(name, outer);
        if (name.Length > json.RoomLeft)
        {
            _overflowed = true;
            return false;
        }

        if (!json.Key(name))
        {
            notes.Add(place, Notes.Repaired);
        }

        return true;
    }

    /// <summary>Stands for a value that is nested too deep.</summary>
    public void TooDeep(in Place place)
    {
        json.Raw("\"(nested deeper than 64)\""u8);
        notes.Add(place, "nested deeper than 64, cut");
    }

    private bool CanWrite(int length, Secrecy secrecy)
    {
        if (secrecy == Secrecy.Secret)
        {
            json.Raw("\"REDACTED\""u8);
            return false;
        }

        _overflowed |= length > json.RoomLeft;
        return !_overflowed;
    }
}
