import type { Row } from './model';

/** The newest rows that a live tail keeps; older ones are read again from the store when somebody scrolls there. */
export const KEPT_LIVE = 10_000;
/** The most that one list holds. */
export const KEPT = 100_000;

/**
 * A list of rows, newest first, that grows at both ends: `fresh` in the order of arrival, so that a new row costs
 * nothing, and `past` as pages came in. The object is new with every change; the arrays are shared.
 */
export interface RowList {
  fresh: Row[];
  past: Row[];
  /** Where the next page of older rows begins; null: there is none, undefined: by time, behind the oldest row. */
  cursor: string | null | undefined;
  skipped: number;
  /** How many came in at the top in all. */
  added: number;
}

export const emptyList = (): RowList => ({ fresh: [], past: [], cursor: undefined, skipped: 0, added: 0 });

export const sizeOf = (list: RowList): number => list.fresh.length + list.past.length;

/** All that came in at the top, those included that were only counted. */
export const cameIn = (list: RowList): number => list.added + list.skipped;

export const rowAt = (list: RowList, i: number): Row | undefined =>
  i < list.fresh.length ? list.fresh[list.fresh.length - 1 - i] : list.past[i - list.fresh.length];

export function withFresh(list: RowList, rows: Row[]): RowList {
  if (rows.length === 0) {
    return list;
  }
  const { fresh } = list;
  const added = list.added + rows.length;
  fresh.push(...rows);
  if (fresh.length <= KEPT_LIVE) {
    return { ...list, added };
  }
  // There is a hole behind them from here on, so older ones are asked for anew, by time.
  return { ...list, added, fresh: fresh.slice(-Math.floor(KEPT_LIVE * 0.9)), past: [], cursor: undefined };
}

/**
 * Up to when older rows are asked for where no cursor says so: behind the first rows that came, by the newest of their
 * times, since a straggler among them would hide everything between. What overlaps is recognised by its id.
 */
export function olderThan(list: RowList): string | null {
  const times = list.fresh.slice(0, 50).map((row) => row.wire.timestamp);
  return times.length === 0 ? null : nextNano(times.reduce((a, b) => (a > b ? a : b)));
}

/** The moment behind a time with nine decimals. */
export function nextNano(timestamp: string): string {
  const match = /^(.*\.)(\d{9})Z$/.exec(timestamp);
  const next = match ? String(Number(match[2]) + 1).padStart(9, '0') : '';
  return next.length === 9 ? `${match![1]}${next}Z` : timestamp;
}

export function withPast(list: RowList, rows: Row[], cursor: string | null): RowList {
  const seen = new Set(list.fresh.map((row) => row.id));
  const past = list.past.concat(rows.filter((row) => !seen.has(row.id)));
  return { ...list, past, cursor: sizeOf(list) >= KEPT ? null : cursor };
}

export function indexOfRow(list: RowList, id: string | null): number {
  if (id === null) {
    return -1;
  }
  const past = list.past.findIndex((row) => row.id === id);
  if (past >= 0) {
    return past + list.fresh.length;
  }
  const fresh = list.fresh.findLastIndex((row) => row.id === id);
  return fresh < 0 ? -1 : list.fresh.length - 1 - fresh;
}
