import { reviveRow, type Row } from '../src/lib/model';

let next = 0;

/** Any row; what a test cares for, it says. Times are milliseconds after noon. */
export function someRow(row: { at?: number; id?: string; span?: string; parent?: string; trace?: string; kind?: string; wall?: number | null; level?: string; worker?: string } = {}): Row {
  const at = row.at ?? 0;
  const micros = String(Math.round((at % 1) * 1e6)).padStart(6, '0');
  return reviveRow({
    log_id: row.id ?? `row-${next++}`,
    worker_name: row.worker ?? 'worker',
    request_id: null,
    correlation_id: 'c',
    log_level: row.level ?? 'info',
    message: 'message',
    timestamp: new Date(Date.UTC(2026, 10, 23, 12) + Math.floor(at)).toISOString().slice(0, 23) + micros + 'Z',
    execution_time_ms: null,
    created_at: '2026-11-23T12:00:00.000000000Z',
    kind: row.kind ?? 'span',
    wall_time_ms: row.wall === undefined ? 10 : row.wall,
    trace_id: row.trace ?? 't',
    span_id: row.span ?? null,
    parent_span_id: row.parent ?? null,
    outcome: null,
    context: {},
    resource: {},
  });
}
