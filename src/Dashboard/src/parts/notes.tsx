import type { ComponentChildren } from 'preact';
import type { ApiError } from '../lib/api';
import { useFetch } from '../lib/fetching';
import { count, dateTime } from '../lib/format';
import { type Gap, gapText } from '../lib/model';
import { isRelative, type Range } from '../lib/range';
import { reachable } from '../lib/address';
import type { WireStatus } from '../lib/wire';
import { CopyButton } from './copy';
import { SafeText } from './text';

/** A question that failed. That the collector is away is said once, by the banner. */
export function ErrorNote({ error, what }: { error: ApiError | null; what: string }) {
  return error && !error.isAway ? <p class="note note-error" role="alert"><b>{what} could not be read.</b> {error.message}</p> : null;
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return <div class="empty"><h2>{title}</h2>{children}</div>;
}

/** How to send the first record, to where this very Collector listens. */
export function FirstRecord() {
  const { data } = useFetch<WireStatus>('/api/status', { every: (status) => (status?.listen.http ? null : 2_000) });
  if (!data?.listen.http || !data.listen.grpc) {
    return null;
  }
  const [grpc, http] = [data.listen.grpc, data.listen.http].map((address) => reachable(address, location.hostname));
  const command = `curl -H 'content-type: application/json' http://${http}/v1/logs -d '{"resourceLogs":[{"resource":{"attributes":[
  {"key":"service.name","value":{"stringValue":"hello"}}]},"scopeLogs":[{"logRecords":[{"severityNumber":9,
  "body":{"stringValue":"first record"}}]}]}]}'`;
  return (
    <>
      <p class="muted">Point an OpenTelemetry SDK at {grpc} (gRPC) or {http} (HTTP), or send one record by hand:</p>
      <div class="command">
        <pre tabIndex={0}>{command}</pre>
        <CopyButton text={command} label="Copy the command" />
      </div>
    </>
  );
}

/** The same where nothing at all is stored; else that there are rows of other times. */
export function NoRowsYet({ elsewhere }: { elsewhere?: string }) {
  const { data } = useFetch<WireStatus>('/api/status', { every: (status) => (status && status.store.rows > 0 ? null : 2_000) });
  return !data ? null : data.store.rows === 0 ? <FirstRecord /> : elsewhere ? <p>{elsewhere}</p> : null;
}

export function NoRowsInRange({ range }: { range: Range }) {
  return (
    <Empty title={isRelative(range) ? `No rows in the last ${range.from}` : 'No rows in this time'}>
      <NoRowsYet elsewhere="The store has rows of other times: take a longer range." />
    </Empty>
  );
}

/** @param where The time that is shown, as a phrase. */
export function GapNote({ gaps, where = 'this range' }: { gaps: Gap[]; where?: string }) {
  if (gaps.length === 0) {
    return null;
  }
  const rows = gaps.reduce((sum, gap) => sum + gap.count, 0);
  const missing = rows === 0 ? 'Rows may be missing' : rows === 1 ? '1 row is missing' : `${count(rows)} rows are missing`;
  return (
    <details class="note note-error">
      <summary><b>{missing}</b> from {where}; {gaps.length === 1 ? 'the gap is' : `${gaps.length} gaps are`} marked red on the time axis.</summary>
      <ul>
        {gaps.slice(0, 50).map((gap, i) => (
          <li key={i}><SafeText text={gapText(gap)} />, {dateTime(gap.from)} – {dateTime(gap.to).slice(11)}</li>
        ))}
        {gaps.length > 50 && <li>… {gaps.length - 50} more</li>}
      </ul>
    </details>
  );
}
