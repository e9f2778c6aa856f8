using Collector.Storage.Sqlite.Segments;
using Collector.Storage.Sqlite.TextIndex;

namespace Collector.Storage.Sqlite.Search;

/// <summary>Answers a question for text from the blocks of a sealed segment that may hold it.</summary>
internal sealed class TextSearch(Segment segment, long rows)
{
    // One of so many blocks may hold it: they are read at once, whatever else is asked.
    private const int FewBlocks = 8;

    // They never change: read once.
    private volatile bool _isKnown;
    private volatile SegmentTextIndex? _index;

    /// <summary>False where the question is better answered in another way; nothing is offered then.</summary>
    public bool TryCollect(ReadSession session, SegmentReader reader, PageScope scope, long lastRow, TopK page)
    {
        if (!scope.IsForText || IndexOf(reader) is not { } index)
        {
            return false;
        }

        var spans = index.Find(reader, scope.Text);
        if (spans.Sum(static span => span.Rows) > rows / FewBlocks && !TextScan.IsDue(scope))
        {
            return false;
        }

        TextScan.Collect(session, segment, spans, scope, lastRow, page);
        return true;
    }

    private SegmentTextIndex? IndexOf(SegmentReader reader)
    {
        if (!_isKnown)
        {
            _index = SegmentTextIndex.Read(reader.Connection, rows);
            _isKnown = true;
        }

        return _index;
    }
}
