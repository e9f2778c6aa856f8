using Collector.Model;
using Collector.Receive.Rows;

namespace Collector.Receive.Otlp;

/// <summary>
/// Takes the copies of a record's secret attributes out of a line of which they are parts. It looks at no more of the line than may
/// stay in the row, and a little beyond, so that the cut leaves no half of a secret.
/// </summary>
internal sealed class SecretCopies(RowBatch batch, OtlpContext tools)
{
    // A shorter one stands in any text by chance.
    private const int Shortest = 4;

    // Each costs a search of the line: of a record that has more, the line is a secret as a whole.
    private const int Most = 256;

    private readonly List<Slice> _secrets = [];
    private int _room;

    /// <summary>Finds the secrets; returns how many.</summary>
    /// <param name="room">Most bytes that the row keeps of a line.</param>
    public int Read(int room)
    {
        _room = room;
        _secrets.Clear();
        foreach (ref readonly var item in tools.Attributes.Items)
        {
            if (item.Secrecy == Secrecy.Secret && AnyValue.Read(batch.Body.Written, item.Value) is { Kind: ValueKind.Text } secret
                && secret.Content.Length >= Shortest)
            {
                // What stands of it in the line is cut to that anyway.
                _secrets.Add(secret.Content.Part(0, Math.Min(secret.Content.Length, room)));
            }
        }

        return _secrets.Count;
    }

    public Slice Without(Slice line)
    {
        if (_secrets.Count > Most)
        {
            tools.Notes.Add("message", $"left out, the record has {_secrets.Count} secrets");
            return tools.Built("REDACTED"u8);
        }

        line = line.Part(0, (int)Math.Min(line.Length, 2L * _room));
        foreach (var secret in _secrets)
        {
            line = PlainText.Without(batch, line, batch.Text(secret));
        }

        return line;
    }
}
