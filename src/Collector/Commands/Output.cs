using System.Text;

namespace Collector.Commands;

/// <summary>Standard output, and whether a person looks at it.</summary>
internal sealed class Output : IDisposable
{
    public Output(TextWriter text, bool isTerminal)
    {
        Text = text;
        IsTerminal = isTerminal;
    }

    /// <summary>Buffered: what must be seen at once is flushed.</summary>
    public TextWriter Text { get; }

    public bool IsTerminal { get; }

    public Ink Ink => Ink.For(IsTerminal, Environment.GetEnvironmentVariable);

    public static Output Standard()
    {
        // Console.Out would flush every single write.
        var text = new StreamWriter(Console.OpenStandardOutput(), new UTF8Encoding(false), 16 * 1024);
        return new Output(text, !Console.IsOutputRedirected);
    }

    public void Dispose() => Text.Dispose();
}
