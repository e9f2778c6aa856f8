/** Answers of the API as they come over the wire. Only model.ts makes something else of them. */

export interface WireRow {
  log_id: string;
  worker_name: string;
  request_id: string | null;
  correlation_id: string;
  log_level: string;
  message: string;
  timestamp: string;
  execution_time_ms: number | null;
  created_at: string;
  kind: string;
  wall_time_ms: number | null;
  trace_id: string | null;
  span_id: string | null;
  parent_span_id: string | null;
  outcome: string | null;
  context: Record<string, unknown>;
  resource: Record<string, unknown>;
}

export interface WireGap {
  worker_name: string;
  from: string;
  to: string;
  count: number;
  reason: string;
}

export interface WireLogs {
  logs: WireRow[];
  gaps: WireGap[];
  next_cursor: string | null;
}

export interface WireCorrelation {
  correlation_id: string;
  trace_ids: string[];
  workers: string[];
  started_at: string;
  ended_at: string;
  wall_time_ms: number;
  error_count: number;
  truncated: boolean;
  logs: WireRow[];
  gaps: WireGap[];
}

export interface LevelCounts {
  debug: number;
  info: number;
  warn: number;
  error: number;
}

export interface WireHistogram {
  from: string;
  to: string;
  step_seconds: number;
  buckets: ({ time: string; total: number } & LevelCounts)[];
  gaps: WireGap[];
}

export interface Figures {
  count: number;
  error_count: number;
  error_rate: number;
  latency_count: number;
  p50_ms: number | null;
  p90_ms: number | null;
  p95_ms: number | null;
  p99_ms: number | null;
  max_ms: number | null;
  cpu_ms: number | null;
  levels: LevelCounts;
}

export type Step = { time: string } & Figures;
export type Series = { steps: Step[] } & Figures;
export type WorkerSeries = { worker_name: string } & Series;

export interface WireMetrics {
  from: string;
  to: string;
  step_seconds: number;
  source: string;
  workers: WorkerSeries[];
  total: Series;
  gaps: WireGap[];
}

export interface WireWorkers {
  workers: { worker_name: string; last_seen: string; count: number }[];
  next_cursor: string | null;
}

export interface LedgerCounts {
  received: number;
  stored: number;
  duplicate: number;
  rejected: number;
  refused: number;
  dropped: number;
  spooled: number;
  in_flight: number;
  /** Of the refused ones: came again and were kept. */
  recovered: number;
}

export type Producer = { worker_name: string; reasons: Record<string, number> } & LedgerCounts;

/** Requests of one sender that were turned away for one reason before any row of them was known. */
export interface WireSender {
  address: string | null;
  reason: string;
  requests: number;
  last_seen: string;
  what: string;
  remedy: string;
}

export interface WireLedger {
  total: LedgerCounts;
  producers: Producer[];
  door: { requests: number; reasons: Record<string, number>; senders: WireSender[] };
}

export interface WireStatus {
  version: string;
  uptime_seconds: number;
  started_at: string;
  ready: boolean;
  listen: { grpc: string | null; http: string | null };
  queue: { entries: number; capacity: number; bytes: number; max_bytes: number };
  acknowledgement: { count: number; p50_ms: number | null; p99_ms: number | null };
  writer: { alive: boolean; store_failing: boolean; failure: string | null; busy_ms: number | null; retries: number };
  spool: { bytes: number; max_bytes: number; behind: boolean };
  store: { rows: number; bytes: number; segments: number };
  access: { send: 'open' | 'key'; read: 'open' | 'key'; keys: WireKey[] };
}

export interface WireKey {
  name: string;
  rights: string[];
  services: string[];
  expires_at: string | null;
  uses: number;
  last_used_at: string | null;
}

export interface WireSegment {
  name: string;
  state: 'hot' | 'sealing' | 'sealed';
  rows: number;
  bytes: number;
  first_timestamp: string | null;
  last_timestamp: string | null;
  first_arrival: string | null;
  last_arrival: string | null;
}

export interface WireUnreadable {
  name: string;
  reason: string;
  error: string;
  from: string;
  to: string;
  rows: number;
  found_at: string;
}

export interface WireStorage {
  unreadable: WireUnreadable[];
  segments: WireSegment[];
  rows: number;
  bytes: number;
  spool_bytes: number;
  oldest: string | null;
  max_age_seconds: number;
  max_bytes: number;
  disk_free_bytes: number;
  disk_floor_bytes: number;
  set_aside: { files: number; bytes: number };
  retention: {
    last_pass_at: string | null;
    paused_until: string | null;
    removed: { segments: number; rows: number; bytes: number };
    removed_early: { segments: number; rows: number; bytes: number };
    recent: {
      name: string;
      rows: number;
      bytes: number;
      first_arrival: string | null;
      last_arrival: string | null;
      rule: string;
      removed_at: string;
    }[];
  };
}
