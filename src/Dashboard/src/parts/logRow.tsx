import { clock, duration } from '../lib/format';
import type { Row } from '../lib/model';
import { FutureMark, LevelWord } from './marks';
import { SafeText } from './text';

export interface LogRowProps {
  row: Row | undefined;
  id: string;
  selected: boolean;
  /** What the first column says, where it is not the time of day. */
  time?: string;
  onOpen: (row: Row) => void;
}

/** Some attributes, so that many rows need not be opened. */
function moreOf(row: Row): string {
  const attributes = row.wire.context.attributes;
  if (typeof attributes !== 'object' || attributes === null) {
    return '';
  }
  const parts: string[] = [];
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value !== 'object' && name !== 'correlation_id' && name !== 'exception.stacktrace' && parts.length < 4) {
      const text = typeof value === 'number' && !Number.isInteger(value) ? value.toPrecision(4) : String(value).slice(0, 80);
      parts.push(`${name}=${text}`);
    }
  }
  return parts.join('  ');
}

/** A message of a megabyte is not laid out for one line. */
const MOST = 500;

/** One line of a list. A row that is still being fetched keeps its place. */
export function LogRow({ row, id, selected, time, onOpen }: LogRowProps) {
  if (!row) {
    return <div class="log-row" role="option" aria-selected={false} id={id} />;
  }
  return (
    <div class={`log-row level-${row.level}`} role="option" id={id} aria-selected={selected} onClick={() => onOpen(row)}>
      <span class="log-time" title={row.wire.timestamp}>{time ?? clock(row.time)}</span>
      <LevelWord row={row} class="log-level" />
      <span class="log-worker"><SafeText text={row.worker} /></span>
      <span class="log-message">
        <FutureMark row={row} />
        {row.kind !== 'log' && <span class="kind">{row.kind}</span>}
        <SafeText text={row.message.slice(0, MOST)} />
        <span class="log-more"><SafeText text={moreOf(row)} /></span>
      </span>
      <span class="log-wall">{row.wallMs === null ? '' : duration(row.wallMs)}</span>
    </div>
  );
}
