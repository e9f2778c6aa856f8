import type { ComponentChildren } from 'preact';
import type { ApiError } from '../lib/api';
import { count, dateTime } from '../lib/format';
import type { Gap } from '../lib/model';
import { CopyButton } from './copy';

/** A question that failed. That the collector is away is said once, by the banner. */
export function ErrorNote({ error, what }: { error: ApiError | null; what: string }) {
  return error && !error.isAway ? <p class="note note-error" role="alert"><b>{what} could not be read.</b> {error.message}</p> : null;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><h2>{title}</h2>{children}</div>;
}

/** How to send the first record, to this very machine. */
export function FirstRecord() {
  const command = `curl -H 'content-type: application/json' http://${location.hostname}:4318/v1/logs -d '{"resourceLogs":[{"resource":{"attributes":[
  {"key":"service.name","value":{"stringValue":"hello"}}]},"scopeLogs":[{"logRecords":[{"severityNumber":9,
  "body":{"stringValue":"first record"}}]}]}]}'`;
  return (
    <>
      <p>Point an OpenTelemetry SDK at port 4317 (gRPC) or 4318 (HTTP), its defaults, or send one record by hand:</p>
      <div class="command">
        <pre tabIndex={0}>{command}</pre>
        <CopyButton text={command} label="Copy the command" />
      </div>
    </>
  );
}

export function GapNote({ gaps }: { gaps: Gap[] }) {
  if (gaps.length === 0) {
    return null;
  }
  const rows = gaps.reduce((sum, gap) => sum + gap.count, 0);
  return (
    <details class="note note-error">
      <summary><b>{count(rows)} {rows === 1 ? 'row is' : 'rows are'} missing</b> from this range; {gaps.length === 1 ? 'the gap is' : `${gaps.length} gaps are`} marked red on the time axis.</summary>
      <ul>
        {gaps.slice(0, 50).map((gap, i) => (
          <li key={i}>{gap.worker}: {count(gap.count)} {gap.reason}, {dateTime(gap.from)} – {dateTime(gap.to).slice(11)}</li>
        ))}
      </ul>
    </details>
  );
}
