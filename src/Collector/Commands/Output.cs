using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Collector.Commands;

/// <summary>Standard output, and whether a person looks at it.</summary>
internal sealed class Output : IDisposable
{
    private const int StandardOutput = 1;

    // EPIPE.
    private const int BrokenPipe = 32;

    public Output(TextWriter text, bool isTerminal)
    {
        Text = text;
        IsTerminal = isTerminal;
    }

    /// <summary>Buffered: what must be seen at once is flushed.</summary>
    public TextWriter Text { get; }

    public bool IsTerminal { get; }

    public Ansi Ansi => Ansi.For(IsTerminal, Environment.GetEnvironmentVariable);

    public static Output Standard()
    {
        // Console.Out would flush every single write.
        var text = new StreamWriter(OpenStandard(), new UTF8Encoding(false), 16 * 1024);
        return new Output(text, !Console.IsOutputRedirected);
    }

    /// <summary>Whether an error says that the reader of this output has gone, as behind <c>| head</c>.</summary>
    public static bool IsClosed(Exception error) => error is IOException { HResult: BrokenPipe } && !OperatingSystem.IsWindows();

    public void Dispose()
    {
        try
        {
            Text.Dispose();
        }
        catch (IOException error) when (IsClosed(error))
        {
            // What was left had no reader.
        }
    }

    // The console's own stream takes a pipe without a reader for a success, and the command would write on for ever. Of a
    // file it keeps the place that other processes go on from, which the other stream does not.
    private static Stream OpenStandard()
    {
        if (OperatingSystem.IsWindows() || !Console.IsOutputRedirected)
        {
            return Console.OpenStandardOutput();
        }

        var pipe = new FileStream(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return pipe.CanSeek ? Console.OpenStandardOutput() : pipe;
    }
}
