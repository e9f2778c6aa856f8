import { count } from './format';
import type { WireGap, WireRow } from './wire';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];
/** What a producer told apart and the four levels don't: a kind of error, and a kind of debug. */
export type Grade = 'fatal' | 'trace';

/** A moment: whole milliseconds since 1970, and the nanoseconds behind them, which a number alone can't hold. */
export interface Moment {
  ms: number;
  ns: number;
}

export interface Row {
  id: string;
  worker: string;
  level: Level;
  grade: Grade | null;
  message: string;
  time: Moment;
  /** By how many milliseconds it is dated after its arrival, where that is more than clocks differ; else 0. */
  ahead: number;
  kind: string;
  wallMs: number | null;
  cpuMs: number | null;
  correlationId: string;
  traceId: string | null;
  spanId: string | null;
  parentSpanId: string | null;
  requestId: string | null;
  outcome: string | null;
  /** As it came: for the time in full, and for the tree of values. */
  wire: WireRow;
}

export interface Gap {
  worker: string;
  from: number;
  to: number;
  count: number;
  reason: string;
}

/** ISO-8601 in UTC with up to nine decimals. */
export function parseMoment(text: string): Moment {
  const ms = Date.parse(text.length > 23 ? text.slice(0, 23) + 'Z' : text);
  const ns = Number(text.slice(23, -1).padEnd(6, '0')) || 0;
  return { ms, ns };
}

/** Milliseconds from one moment to another, exact to the nanosecond. */
export function between(from: Moment, to: Moment): number {
  return to.ms - from.ms + (to.ns - from.ns) / 1e6;
}

// As in the server: what is later is noted there.
const MINUTE = 60_000;

// Severity numbers of OpenTelemetry.
const LAST_TRACE = 4;
const FIRST_FATAL = 21;

function gradeOf({ log_level, context }: WireRow): Grade | null {
  const number = typeof context.severity_number === 'number' ? context.severity_number : 0;
  if (log_level === 'error' && (context.severity === 'fatal' || number >= FIRST_FATAL)) {
    return 'fatal';
  }
  return log_level === 'debug' && (context.severity === 'trace' || (number > 0 && number <= LAST_TRACE)) ? 'trace' : null;
}

export function reviveRow(wire: WireRow): Row {
  const time = parseMoment(wire.timestamp);
  const ahead = between(parseMoment(wire.created_at), time);
  return {
    id: wire.log_id,
    worker: wire.worker_name,
    level: (LEVELS as readonly string[]).includes(wire.log_level) ? (wire.log_level as Level) : 'info',
    grade: gradeOf(wire),
    message: wire.message,
    time,
    ahead: ahead > MINUTE ? ahead : 0,
    kind: wire.kind,
    wallMs: wire.wall_time_ms,
    cpuMs: wire.execution_time_ms,
    correlationId: wire.correlation_id,
    traceId: wire.trace_id,
    spanId: wire.span_id,
    parentSpanId: wire.parent_span_id,
    requestId: wire.request_id,
    outcome: wire.outcome,
    wire,
  };
}

/** A producer that has no name of its own: SDKs call it unknown_service, maybe with the program behind it. */
export function isNameless(worker: string): boolean {
  return worker === 'unknown-worker' || worker.startsWith('unknown_service');
}

/** What is missing, as a phrase; `*` stands for every service, 0 for a number that nobody knows. */
export function gapText(gap: Gap): string {
  if (gap.reason === 'not_running') {
    return 'Collector was not running';
  }
  const whose = gap.worker === '*' ? 'any service' : gap.worker;
  return gap.count === 0 ? `${whose}: an unknown number (${gap.reason})` : `${whose}: ${count(gap.count)} ${gap.reason}`;
}

export function reviveGap(wire: WireGap): Gap {
  return {
    worker: wire.worker_name,
    from: parseMoment(wire.from).ms,
    to: parseMoment(wire.to).ms,
    count: wire.count,
    reason: wire.reason,
  };
}
