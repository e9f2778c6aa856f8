using System.Buffers;
using System.Text;

namespace Collector.Commands.Import;

/// <summary>An object of the input, or what stood in the place of one.</summary>
/// <param name="Line">Where it begins, from 1.</param>
/// <param name="Bytes">The object's text; empty where it is a fault.</param>
/// <param name="Fault">Why it is none; null where it is one.</param>
internal readonly record struct CutObject(long Line, byte[] Bytes, string? Fault = null);

/// <summary>
/// Cuts a stream of JSON into its outermost objects: one behind the other, pretty-printed or a line each, or the elements of
/// arrays. What is not an object costs only itself: behind it, the next line that begins with an object counts again. It holds no
/// more than one object, and no more of that than it may be long.
/// </summary>
internal sealed class ObjectCutter(int maxBytes)
{
    private const int MaxQuoted = 60;

    private readonly Queue<CutObject> _cut = new();
    private readonly ArrayBufferWriter<byte> _object = new();
    private readonly Stack<byte> _open = new();
    private State _state;
    private long _line = 1;
    private long _begun;
    private int _indent;
    private int _indentOfObject;
    private bool _isIndent = true;
    private bool _isEscaped;
    private long _length;
    private byte _last;

    private enum State
    {
        Between,
        Object,
        String,

        /// <summary>Text that is no JSON, up to the end of its line.</summary>
        Words,

        /// <summary>The rest of an object that was broken.</summary>
        Broken,
    }

    public bool TryTake(out CutObject cut) => _cut.TryDequeue(out cut);

    public void Add(ReadOnlySpan<byte> bytes)
    {
        foreach (var letter in bytes)
        {
            Add(letter);
            if (letter == '\n')
            {
                (_line, _indent, _isIndent) = (_line + 1, 0, true);
            }
            else if (_isIndent)
            {
                _isIndent = letter is (byte)' ' or (byte)'\t';
                _indent += _isIndent ? 1 : 0;
            }
        }
    }

    /// <summary>The input is over: what stands open is no object.</summary>
    public void End()
    {
        if (_state is State.Object or State.String)
        {
            Fail("the input ends within it");
        }
        else if (_state == State.Words)
        {
            Fail(WordsFault());
        }

        _state = State.Between;
    }

    private void Add(byte letter)
    {
        switch (_state)
        {
            case State.Between:
                Between(letter);
                break;
            case State.Object:
                InObject(letter);
                break;
            case State.String:
                InString(letter);
                break;
            case State.Words when letter == '\n' || (letter == '{' && _last == ','):
                Fail(WordsFault());
                _state = State.Between;
                Between(letter);
                break;
            case State.Words:
                Keep(letter);
                break;
            case State.Broken when BeginsLine(letter):
                Begin(letter);
                break;
        }
    }

    private void Between(byte letter)
    {
        // Whitespace, what arrays are made of, and a byte order mark.
        if (letter <= ' ' || letter is (byte)'[' or (byte)']' or (byte)',' or (byte)'}' or 0xEF or 0xBB or 0xBF)
        {
            return;
        }

        if (letter == '{')
        {
            Begin(letter);
            return;
        }

        Start(State.Words);
        Keep(letter);
    }

    private void InObject(byte letter)
    {
        // No object within an object stands at the begin of a line but behind a colon, unless the one before was never closed.
        if (BeginsLine(letter) && _open.Peek() == '{' && _last != ':')
        {
            Fail("it is not closed where the next one begins");
            Begin(letter);
            return;
        }

        Keep(letter);
        switch (letter)
        {
            case (byte)'"':
                (_state, _isEscaped) = (State.String, false);
                break;
            case (byte)'{' or (byte)'[':
                _open.Push(letter);
                break;
            case (byte)'}' or (byte)']':
                _open.Pop();
                if (_open.Count == 0)
                {
                    End(letter);
                }

                break;
        }
    }

    private void InString(byte letter)
    {
        if (letter == '\n')
        {
            Fail($"a string of line {_line} is not closed");
            _state = State.Broken;
            return;
        }

        Keep(letter);
        if (_isEscaped)
        {
            _isEscaped = false;
        }
        else if (letter == '\\')
        {
            _isEscaped = true;
        }
        else if (letter == '"')
        {
            _state = State.Object;
        }
    }

    // As far left as the object at hand, or further.
    private bool BeginsLine(byte letter) => letter == '{' && _isIndent && _indent <= _indentOfObject;

    private void Begin(byte letter)
    {
        Start(State.Object);
        _indentOfObject = _indent;
        _open.Push(letter);
        Keep(letter);
    }

    private void Start(State state)
    {
        (_state, _begun, _length, _last) = (state, _line, 0, 0);
        _open.Clear();
        _object.ResetWrittenCount();
    }

    private void Keep(byte letter)
    {
        _last = letter > ' ' ? letter : _last;
        if (_length++ < maxBytes)
        {
            _object.Write([letter]);
        }
    }

    private void End(byte closing)
    {
        if (_length > maxBytes)
        {
            Fail($"it is longer than {maxBytes} bytes");
        }
        else
        {
            _cut.Enqueue(new CutObject(_begun, _object.WrittenSpan.ToArray()));
        }

        (_state, _last) = (State.Between, closing);
        _object.ResetWrittenCount();
    }

    private void Fail(string fault) => _cut.Enqueue(new CutObject(_begun, [], fault));

    private string WordsFault()
    {
        var words = Encoding.UTF8.GetString(_object.WrittenSpan[..Math.Min(_object.WrittenCount, MaxQuoted)]).TrimEnd();
        return $"not a JSON object: {VisibleText.Of(words)}{(_length > MaxQuoted ? "…" : "")}";
    }
}
