/** A span back from now (`15m`), or two fixed times. */
export interface Range {
  from: string;
  to: string | null;
}

export const DEFAULT_RANGE: Range = { from: '1h', to: null };
export const PRESETS = ['5m', '15m', '1h', '6h', '24h', '7d'];

const UNITS: Record<string, number> = { s: 1e3, m: 60e3, h: 3600e3, d: 86400e3 };

export function spanMs(text: string): number | null {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  return match ? Number(match[1]) * UNITS[match[2]!]! : null;
}

export const isRelative = (range: Range): boolean => range.to === null && spanMs(range.from) !== null;

export function rangeOf(from: string | undefined, to: string | undefined): Range {
  const isFrom = from !== undefined && (spanMs(from) !== null || !Number.isNaN(Date.parse(from)));
  if (!isFrom) {
    return DEFAULT_RANGE;
  }
  return { from, to: to !== undefined && !Number.isNaN(Date.parse(to)) ? to : null };
}

export function bounds(range: Range, now: number): [number, number] {
  const back = spanMs(range.from);
  const to = range.to === null ? now : Date.parse(range.to);
  return [back === null ? Date.parse(range.from) : to - back, to];
}

/** What was brushed on a chart: fixed times, at least a second apart. */
export function fixedRange(fromMs: number, toMs: number): Range {
  const from = Math.floor(fromMs);
  return { from: new Date(from).toISOString(), to: new Date(Math.max(Math.ceil(toMs), from + 1000)).toISOString() };
}

/** A moment as a datetime-local input holds it: local time, to the second. */
export function localInput(ms: number): string {
  const local = new Date(ms - new Date(ms).getTimezoneOffset() * 60_000);
  return local.toISOString().slice(0, 19);
}

/** Two local times as they were written; null where they are none, or in the wrong order. */
export function rangeBetween(from: string, to: string): Range | null {
  const [start, end] = [new Date(from).getTime(), new Date(to).getTime()];
  return start < end ? fixedRange(start, end) : null;
}

export function rangeToQuery(range: Range): string {
  return `from=${encodeURIComponent(range.from)}` + (range.to === null ? '' : `&to=${encodeURIComponent(range.to)}`);
}

/** Twice as much around the same middle; for a span back from now, the next longer one. */
export function zoomOut(range: Range, now: number): Range {
  if (isRelative(range)) {
    const next = PRESETS.find((preset) => spanMs(preset)! > spanMs(range.from)!);
    return { from: next ?? range.from, to: null };
  }
  const [from, to] = bounds(range, now);
  return fixedRange(from - (to - from) / 2, to + (to - from) / 2);
}
