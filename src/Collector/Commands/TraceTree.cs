using System.Text.Json;
using Collector.Model;

namespace Collector.Commands;

/// <summary>
/// Rows of a trace as a tree: a request or span below its parent, a log or exception below the span it was written in.
/// Rows without a parent are at the top; each level is in order of time. A row whose id leads in a circle, or comes
/// twice, is shown at another place, never left out.
/// </summary>
internal sealed class TraceTree
{
    // Deeper ones are shown at this depth, with a mark: 10,000 nested spans must not become 10,000² characters.
    private const int DeepestIndent = 20;

    private readonly List<Node> _roots = [];
    private readonly ulong _started;
    private readonly Ansi _ink;
    private readonly LogText _text;

    public TraceTree(IEnumerable<JsonElement> rows, string? startedAt, Ansi ink)
    {
        _ink = ink;
        _text = new LogText(ink, withContext: false);
        _started = Timestamps.TryParse(startedAt, out var started) ? started : 0;
        var nodes = rows.Select(static row => new Node(row)).ToList();
        var spans = new Dictionary<(string?, string), Node>();
        foreach (var node in nodes.Where(static node => node.IsSpan))
        {
            spans.TryAdd((node.Trace, node.Span!), node);
        }

        foreach (var node in nodes)
        {
            var above = node.Above is { } id ? spans.GetValueOrDefault((node.Trace, id)) : null;
            node.Parent = above is not null && !above.IsBelow(node) ? above : null;
            (node.Parent?.Children ?? _roots).Add(node);
        }
    }

    public IEnumerable<string> Lines()
    {
        // A stack of its own: a chain of spans may be deeper than the thread's.
        var open = new Stack<(Node Node, string Indent, bool IsLast, int Depth)>();
        Push(open, _roots, "", 0);
        while (open.TryPop(out var next))
        {
            var (node, indent, isLast, depth) = next;
            yield return indent + Branch(depth, isLast) + Describe(node);
            var deeper = depth is 0 or > DeepestIndent ? "" : isLast ? "   " : "│  ";
            Push(open, node.Children, indent + deeper, depth + 1);
        }
    }

    private static void Push(Stack<(Node, string, bool, int)> open, List<Node> nodes, string indent, int depth)
    {
        for (var i = nodes.Count - 1; i >= 0; i--)
        {
            open.Push((nodes[i], indent, i == nodes.Count - 1, depth));
        }
    }

    private static string Branch(int depth, bool isLast) => depth switch
    {
        0 => "",
        > DeepestIndent + 1 => "… ",
        _ => isLast ? "└─ " : "├─ ",
    };

    private string Describe(Node node)
    {
        var isKnown = Timestamps.TryParse(node.Row.Text("timestamp"), out var at) && at >= _started;
        var offset = _ink.Dim("+" + LogText.Duration(isKnown ? (at - _started) / 1e6 : 0));
        var worker = _ink.Cyan(VisibleText.Of(node.Row.Text("worker_name") ?? ""));
        return $"{offset} {worker} {Level(node)}{_text.Description(node.Row)}";
    }

    private string Level(Node node) => node.Row.Text("log_level") switch
    {
        "error" => _ink.Red("ERROR "),
        "warn" => _ink.Yellow("WARN "),
        _ => "",
    };

    private sealed class Node(JsonElement row)
    {
        public JsonElement Row { get; } = row;

        public string? Trace { get; } = row.Text("trace_id");

        public string? Span { get; } = row.Text("span_id");

        public bool IsSpan => Span is not null && Row.Text("kind") is "request" or "span";

        /// <summary>The span that this belongs below.</summary>
        public string? Above => IsSpan ? Row.Text("parent_span_id") : Span;

        public Node? Parent { get; set; }

        public List<Node> Children { get; } = [];

        public bool IsBelow(Node other)
        {
            for (var node = this; node is not null; node = node.Parent)
            {
                if (node == other)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
