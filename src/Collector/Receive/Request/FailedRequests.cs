using Collector.Model;

namespace Collector.Receive.Request;

/// <summary>
/// Requests that ended in an error which nobody foresaw. Of the last thousand it is known when one comes again: then it is
/// its bytes, and not the moment. Safe for any number of threads.
/// </summary>
internal sealed class FailedRequests
{
    private const int Max = 1000;

    private readonly Lock _gate = new();
    private readonly HashSet<RequestKey> _known = [];
    private readonly Queue<RequestKey> _oldestFirst = new();

    /// <summary>Whether it failed before. It is known from now on.</summary>
    public bool IsRepeat(RequestKey request)
    {
        lock (_gate)
        {
            if (!_known.Add(request))
            {
                return true;
            }

            _oldestFirst.Enqueue(request);
            if (_oldestFirst.Count > Max)
            {
                _known.Remove(_oldestFirst.Dequeue());
            }

            return false;
        }
    }
}
