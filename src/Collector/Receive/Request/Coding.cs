namespace Collector.Receive.Request;

/// <summary>One way in which producers compress messages.</summary>
/// <param name="Name">What answers call it.</param>
/// <param name="Aliases">What some senders call it.</param>
/// <param name="IsForGrpc">gRPC's clients know it too.</param>
/// <param name="Inflate">Adds the plain bytes of all of the compressed ones; throws where these are damaged.</param>
internal sealed record Coding(string Name, string[] Aliases, bool IsForGrpc, Func<ReadOnlyMemory<byte>, Inflation, ReceiveResult> Inflate)
{
    /// <summary>The list of it alone.</summary>
    public IReadOnlyList<Coding> Alone => field ??= [this];

    public bool IsCalled(ReadOnlySpan<char> name)
    {
        if (name.Equals(Name, StringComparison.OrdinalIgnoreCase))
        {
            return true;
        }

        foreach (var alias in Aliases)
        {
            if (name.Equals(alias, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
