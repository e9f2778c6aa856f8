import { ago, bytes, compact, count, dateTime, span } from '../../lib/format';
import type { Gap } from '../../lib/model';
import { plain } from '../../lib/safe';
import type { WireSegment, WireStorage, WireUnreadable } from '../../lib/wire';
import { SafeText } from '../../parts/text';
import { Meter } from '../../parts/tiles';

export function Storage({ storage, gaps }: { storage: WireStorage; gaps: Gap[] }) {
  const { retention } = storage;
  return (
    <div class="pair">
      <section class="card">
        <header><h2>Segments</h2><span class="muted">{files(storage.segments.length)}, {compact(storage.rows)} rows</span></header>
        <Unreadable files={storage.unreadable} />
        <Timeline segments={storage.segments} gaps={gaps} />
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Segments">
          <table>
            <thead><tr><th scope="col">File</th><th scope="col" class="text">State</th><th scope="col">Rows</th><th scope="col">Size</th><th scope="col">Newest arrival</th></tr></thead>
            <tbody>
              {storage.segments.toReversed().slice(0, 50).map((segment) => (
                <tr key={segment.name}>
                  <td>{segment.name}</td><td class="text">{segment.state}</td><td>{count(segment.rows)}</td><td>{bytes(segment.bytes)}</td>
                  <td class="muted">{segment.last_arrival ? dateTime(Date.parse(segment.last_arrival)) : '–'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      </section>
      <section class="card">
        <header><h2>Disk and retention</h2></header>
        <Disk storage={storage} />
        <p class="muted retention-rule">
          Rows leave after {span(storage.max_age_seconds)}{storage.max_bytes > 0 ? `, or when the store holds more than ${bytes(storage.max_bytes)}` : ''}.
          {retention.last_pass_at && ` Last looked ${ago(Date.parse(retention.last_pass_at), Date.now())}.`}
        </p>
        {retention.paused_until && <p class="note note-error">The clock can't be trusted: nothing is removed by age until {dateTime(Date.parse(retention.paused_until))}.</p>}
        <h3>Removed: {files(retention.removed.segments)}, {compact(retention.removed.rows)} rows, {bytes(retention.removed.bytes)}</h3>
        {retention.recent.length > 0 && (
          <div class="table-scroll" tabIndex={0} role="region" aria-label="Removed files">
            <table>
              <thead><tr><th scope="col">File</th><th scope="col" class="text">Because of</th><th scope="col">Rows</th><th scope="col">Size</th><th scope="col">Removed</th></tr></thead>
              <tbody>
                {retention.recent.map((removed) => (
                  <tr key={removed.name + removed.removed_at}>
                    <td>{removed.name}</td><td class="text">{removed.rule === 'bytes' ? 'quota' : removed.rule === 'space' ? 'full disk' : 'age'}</td><td>{count(removed.rows)}</td><td>{bytes(removed.bytes)}</td>
                    <td class="muted">{dateTime(Date.parse(removed.removed_at))}</td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        )}
      </section>
    </div>
  );
}

/** What answers leave out, until the rest of it is saved. */
function Unreadable({ files }: { files: WireUnreadable[] }) {
  return (
    <>
      {files.map((file) => (
        <p key={file.name} class="note note-error">
          {file.name} can't be read{file.rows > 0 ? `: ${count(file.rows)} rows` : ', wholly or in part: rows'} from {dateTime(Date.parse(file.from))} to {dateTime(Date.parse(file.to))} may
          be missing. Reason: {file.reason.replaceAll('_', ' ')}, found {ago(Date.parse(file.found_at), Date.now())}. <SafeText text={file.error} />
        </p>
      ))}
    </>
  );
}

const files = (n: number): string => `${count(n)} ${n === 1 ? 'file' : 'files'}`;

function Disk({ storage }: { storage: WireStorage }) {
  const used = storage.bytes + storage.spool_bytes;
  const bound = storage.max_bytes > 0 ? storage.max_bytes : used + storage.disk_free_bytes;
  const share = bound > 0 ? used / bound : 0;
  return (
    <div class="disk">
      <span><b>{bytes(used)}</b> used</span>
      <span class="muted">{storage.max_bytes > 0 ? `of ${bytes(bound)} quota, ` : ''}{bytes(storage.disk_free_bytes)} free on disk</span>
      <Meter share={share} tone={storage.max_bytes === 0 && share > 0.9 ? 'warn' : undefined} />
    </div>
  );
}

/** The files along the time of their events, and what is missing between. */
function Timeline({ segments, gaps }: { segments: WireSegment[]; gaps: Gap[] }) {
  const spans = segments.flatMap((s) => (s.first_timestamp && s.last_timestamp ? [{ ...s, from: Date.parse(s.first_timestamp), to: Date.parse(s.last_timestamp) }] : []));
  if (spans.length === 0) {
    return null;
  }
  const from = Math.min(...spans.map((s) => s.from));
  const to = Math.max(...spans.map((s) => s.to), from + 1);
  const share = (ms: number) => ((ms - from) / (to - from)) * 100;
  return (
    <>
      <div class="segments" role="img" aria-label={`Segments from ${dateTime(from)} to ${dateTime(to)}`}>
        {spans.map((s) => <i key={s.name} data-state={s.state} title={`${s.name}: ${count(s.rows)} rows`} style={{ left: `${share(s.from)}%`, width: `${share(s.to) - share(s.from)}%` }} />)}
        {gaps.filter((g) => g.to >= from && g.from <= to).map((g, i) => <i key={i} class="gap" title={plain(`${count(g.count)} rows of ${g.worker} are missing`)} style={{ left: `${share(Math.max(g.from, from))}%` }} />)}
      </div>
      <div class="between"><span>{dateTime(from)}</span><span>{dateTime(to)}</span></div>
    </>
  );
}
