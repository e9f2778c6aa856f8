using System.Net;

namespace Collector.Limits;

/// <summary>
/// Places that may be waited for, in turn by address: an address that asks a hundred times waits for its second place until
/// each other one had its first. The framework's limiters know only one queue for all, so this is ours.
/// </summary>
/// <param name="places">Taken at once; by one address all but a tenth.</param>
/// <param name="maxWaiting">Waiting at once; of one address all but a tenth.</param>
internal sealed class Turns(int places, int maxWaiting)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<IPAddress, Line> _lines = [];

    // Those with somebody who waits; the first is served next.
    private readonly LinkedList<Line> _order = [];
    private int _taken;
    private int _waiting;

    /// <summary>How it ended: a turn, or whether the address (else everybody) is the reason that there is none.</summary>
    public readonly record struct Answer(IDisposable? Turn, bool IsOfAddress);

    /// <summary>Waits for a turn, where it may.</summary>
    /// <exception cref="OperationCanceledException">It was cancelled while it waited; no place is taken.</exception>
    public async ValueTask<Answer> TakeAsync(IPAddress owner, CancellationToken cancellation)
    {
        Waiter waiter;
        lock (_gate)
        {
            var line = _lines.TryGetValue(owner, out var known) ? known : _lines[owner] = new Line(owner);
            if (_taken < places && line.Taken < Share.Of(places))
            {
                return new Answer(Give(line), false);
            }

            if (_waiting >= maxWaiting || line.Waiting.Count >= Share.Of(maxWaiting))
            {
                Forget(line);
                return new Answer(null, _waiting < maxWaiting);
            }

            waiter = Enqueue(line);
        }

        await using (cancellation.UnsafeRegister(static (waiter, token) => ((Waiter)waiter!).Leave(token), waiter))
        {
            return new Answer(await waiter.Turn.Task, false);
        }
    }

    private Waiter Enqueue(Line line)
    {
        if (line.Waiting.Count == 0)
        {
            line.Place = _order.AddLast(line);
        }

        var waiter = new Waiter(this, line);
        waiter.Node = line.Waiting.AddLast(waiter);
        _waiting++;
        return waiter;
    }

    private Turn Give(Line line)
    {
        _taken++;
        line.Taken++;
        return new Turn(this, line);
    }

    private void GiveBack(Line line)
    {
        lock (_gate)
        {
            _taken--;
            line.Taken--;
            Serve();
            Forget(line);
        }
    }

    // One that has its share waits on; the next behind it is served.
    private void Serve()
    {
        while (_taken < places && _order.FirstOrDefault(line => line.Taken < Share.Of(places)) is { } line)
        {
            var waiter = line.Waiting.First!.Value;
            Remove(waiter);
            waiter.Turn.SetResult(Give(line));
        }
    }

    // The line goes to the end, if anybody waits in it still.
    private void Remove(Waiter waiter)
    {
        var line = waiter.Line;
        line.Waiting.Remove(waiter.Node!);
        waiter.Node = null;
        _waiting--;
        _order.Remove(line.Place!);
        line.Place = line.Waiting.Count > 0 ? _order.AddLast(line) : null;
    }

    private void Leave(Waiter waiter, CancellationToken cancellation)
    {
        lock (_gate)
        {
            if (waiter.Node is null)
            {
                return; // It has its turn, and gives it back by itself.
            }

            Remove(waiter);
            Forget(waiter.Line);
        }

        waiter.Turn.SetCanceled(cancellation);
    }

    private void Forget(Line line)
    {
        if (line.Taken == 0 && line.Waiting.Count == 0)
        {
            _lines.Remove(line.Owner);
        }
    }

    private sealed class Line(IPAddress owner)
    {
        public IPAddress Owner => owner;

        public int Taken { get; set; }

        public LinkedList<Waiter> Waiting { get; } = [];

        public LinkedListNode<Line>? Place { get; set; }
    }

    private sealed class Waiter(Turns turns, Line line)
    {
        public Line Line => line;

        public LinkedListNode<Waiter>? Node { get; set; }

        public TaskCompletionSource<Turn> Turn { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void Leave(CancellationToken cancellation) => turns.Leave(this, cancellation);
    }

    private sealed class Turn(Turns turns, Line line) : IDisposable
    {
        private Line? _line = line;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _line, null) is { } line)
            {
                turns.GiveBack(line);
            }
        }
    }
}
