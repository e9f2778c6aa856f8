using System.Buffers.Text;
using System.Text;
using Collector.Model;

namespace Collector.Storage.Sqlite.Search;

/// <summary>
/// Puts rows of one time in the order in which their invocation wrote them: a Worker's clock stands still while it computes, so that
/// all of its lines may bear one time, and Cloudflare's export numbers them instead.
/// </summary>
internal sealed class InvocationOrder(ReadSession session)
{
    private static ReadOnlySpan<byte> Name => "\"cloudflare.invocation.sequence.number\":"u8;

    /// <param name="positions">In order of time and arrival; only rows of one time change places.</param>
    public Position[] Of(Position[] positions)
    {
        for (var first = 0; first < positions.Length;)
        {
            var end = first + 1;
            while (end < positions.Length && positions[end].TimestampNanos == positions[first].TimestampNanos)
            {
                end++;
            }

            if (end - first > 1)
            {
                Sort(positions.AsSpan(first, end - first));
            }

            first = end;
        }

        return positions;
    }

    private void Sort(Span<Position> positions)
    {
        // Most rows of one time are nobody's invocation: the ends tell.
        if (Read(positions[0]) is null && Read(positions[^1]) is null)
        {
            return;
        }

        var numbered = new List<(Position Position, string Invocation, ulong Number)>();
        var places = new List<int>();
        for (var place = 0; place < positions.Length; place++)
        {
            if (Read(positions[place]) is { } found)
            {
                numbered.Add((positions[place], found.Invocation, found.Number));
                places.Add(place);
            }
        }

        // Invocations stay in the order in which they came; those without a number stay where they are.
        var sorted = numbered.GroupBy(static row => row.Invocation).SelectMany(static rows => rows.OrderBy(static row => row.Number)).ToArray();
        for (var i = 0; i < sorted.Length; i++)
        {
            positions[places[i]] = sorted[i].Position;
        }
    }

    private (string Invocation, ulong Number)? Read(in Position position)
    {
        if (!session.TryRead(position, out var row) || row.ContextJson.IndexOf(Name) is not (>= 0 and var at))
        {
            return null;
        }

        var text = row.ContextJson[(at + Name.Length)..].TrimStart((byte)'"');
        return Utf8Parser.TryParse(text, out ulong number, out _) ? (Encoding.UTF8.GetString(row.RequestId), number) : null;
    }
}
