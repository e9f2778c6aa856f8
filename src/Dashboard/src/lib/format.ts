import type { Moment } from './model';

const whole = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

export const count = (n: number): string => whole.format(n);

/** 1234 is "1.23K": for axes and tiles. */
export const compact = (n: number): string => (Math.abs(n) < 1000 ? String(Number(n.toPrecision(3))) : short.format(n));

export function percent(share: number): string {
  const p = share * 100;
  return p === 0 ? '0 %' : p < 0.01 ? '< 0.01 %' : p < 10 ? `${Number(p.toFixed(2))} %` : `${Number(p.toFixed(1))} %`;
}

export function duration(ms: number | null | undefined): string {
  if (ms === null || ms === undefined) {
    return '–';
  }
  const size = Math.abs(ms);
  if (size === 0) {
    return '0 ms';
  }
  if (size < 1) {
    return size < 0.001 ? `${Math.round(ms * 1e6)} ns` : `${digits(ms * 1000)} µs`;
  }
  // Rounds first, so that 999.9996 ms is a second and 59,999.9 ms a minute.
  if (Number(size.toPrecision(3)) < 1000) {
    return `${digits(ms)} ms`;
  }
  return size < 59_950 ? `${digits(ms / 1000)} s` : span(ms / 1000);
}

/** Seconds as the two largest units: "2d 4h", "3m 20s". */
export function span(seconds: number): string {
  const total = Math.round(seconds);
  const units: [string, number][] = [['d', 86_400], ['h', 3_600], ['m', 60], ['s', 1]];
  const first = units.findIndex(([, size]) => Math.abs(total) >= size);
  if (first < 0) {
    return '0s';
  }
  let rest = total;
  const parts: string[] = [];
  for (const [unit, size] of units.slice(first, first + 2)) {
    const n = Math.trunc(rest / size);
    rest -= n * size;
    if (n !== 0) {
      parts.push(`${n}${unit}`);
    }
  }
  return parts.join(' ');
}

export function bytes(n: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let size = n;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${digits(size)} ${units[unit]}`;
}

const digits = (n: number): string => String(Number(n.toPrecision(3)));
const two = (n: number): string => String(n).padStart(2, '0');

/** Local time of day with milliseconds. */
export function clock(time: Moment): string {
  const d = new Date(time.ms);
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}.${String(d.getMilliseconds()).padStart(3, '0')}`;
}

export function day(ms: number): string {
  const d = new Date(ms);
  return `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}`;
}

export function dateTime(ms: number): string {
  const d = new Date(ms);
  return `${day(ms)} ${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}`;
}

export function ago(ms: number, now: number): string {
  const seconds = (now - ms) / 1000;
  return seconds < 1 ? 'now' : `${span(seconds)} ago`;
}
