using System.Net;

namespace Collector.Receive.Request;

/// <summary>
/// Says in the log which sender compresses in a way that is not understood: all that it sends is refused for good, and
/// many senders never show the answer that says so. Once for each address, and for so many of them. Safe for any number
/// of threads.
/// </summary>
internal sealed partial class UnknownEncodings(ILogger<UnknownEncodings> log)
{
    private const int MaxSenders = 1000;
    private const int MaxCharacters = 50;

    private readonly Lock _gate = new();
    private readonly HashSet<IPAddress> _said = [];
    private readonly ILogger _log = log;

    public void Say(ConnectionInfo connection, string path, string encoding, string legal)
    {
        var sender = connection.RemoteIpAddress ?? IPAddress.None;
        lock (_gate)
        {
            if (_said.Count == MaxSenders || !_said.Add(sender))
            {
                return;
            }
        }

        // What a stranger wrote, on its way to a terminal.
        var shown = new string([.. encoding.Take(MaxCharacters).Select(static c => c is > ' ' and < '\x7f' ? c : ' ')]);
        IsRefused(sender, path, shown, legal);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Sender} compresses what it sends to {Path} as '{Encoding}', which is not understood: all of it is refused, and most forwarders drop it. Legal are {Legal}")]
    private partial void IsRefused(IPAddress sender, string path, string encoding, string legal);
}
