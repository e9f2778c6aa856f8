import { count } from './format';
import type { WireGap, WireRow } from './wire';

export const LEVELS = ['debug', 'info', 'warn', 'error'] as const;
export type Level = (typeof LEVELS)[number];

/** A moment: whole milliseconds since 1970, and the nanoseconds behind them, which a number alone can't hold. */
export interface Moment {
  ms: number;
  ns: number;
}

export interface Row {
  id: string;
  worker: string;
  level: Level;
  message: string;
  time: Moment;
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

export function reviveRow(wire: WireRow): Row {
  return {
    id: wire.log_id,
    worker: wire.worker_name,
    level: (LEVELS as readonly string[]).includes(wire.log_level) ? (wire.log_level as Level) : 'info',
    message: wire.message,
    time: parseMoment(wire.timestamp),
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
