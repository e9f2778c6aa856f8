using Collector.Model;
using Collector.Storage;
using Collector.Storage.Folder;
using Collector.Storage.Sqlite.Segments;

namespace Collector.Commands.Doctor;

/// <summary>The files of the data folder, and the clock, which must not run behind what is stored.</summary>
internal sealed class StoreCheck(string folder, TimeProvider clock)
{
    private static readonly TimeSpan _tolerance = TimeSpan.FromMinutes(1);

    private const string ClockAdvice = "it was set back, or ran ahead then; what is deleted by age depends on it";

    private ulong _newest;
    private int _segments;
    private long _rows;

    public IEnumerable<Finding> Run()
    {
        var findings = new List<Finding>();
        if (Directory.Exists(folder) && Catalog.NamesIn(folder).Count > 0)
        {
            findings.AddRange(SegmentSource.In(folder).Select(Read).OfType<Finding>());
            findings.Add(Finding.Ok("segments", $"{_segments} can be read, {_rows} rows"));
            findings.AddRange(AsideFile.In(folder).Select(static file => Finding.Warn(
                "segments", $"{file.Path} was damaged and set aside: no answer reads it; what could be saved of it was")));
        }
        else
        {
            findings.Add(Finding.Ok("segments", $"none yet in {folder}"));
        }

        findings.Add(Clock());
        return findings;
    }

    // Null without a finding.
    private Finding? Read(SegmentSource segment)
    {
        try
        {
            var described = segment.Describe();
            _segments++;
            _rows += described.LastRowid;
            _newest = Math.Max(_newest, described.Arrivals.Last);
            return null;
        }
        catch (StoreUnavailableException e)
        {
            return Finding.Fail("segments", $"{e.Message}");
        }
    }

    private Finding Clock()
    {
        var now = clock.GetUtcNow();
        var text = Timestamps.ToText(Timestamps.ToNanos(now));
        return _newest <= Timestamps.ToNanos(now + _tolerance)
            ? Finding.Ok("clock", $"{text}")
            : Finding.Fail("clock", $"it says {text}, before the newest row arrived ({Timestamps.ToText(_newest)}): {ClockAdvice}");
    }
}
