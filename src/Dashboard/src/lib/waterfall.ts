import { between, type Moment, type Row } from './model';

/** A bar of the waterfall: a request or span. Times are milliseconds from the start of the whole. */
export interface Bar {
  row: Row;
  depth: number;
  start: number;
  end: number;
  /** By how much the clock of its worker was set right; 0 where times are raw. */
  shift: number;
  parent: Bar | null;
  children: Bar[];
  marks: Mark[];
  /** An error of its own, or one of its marks. */
  hasError: boolean;
  /** Its parent is named and not here: it was lost, sampled out, or is still to come. */
  isOrphan: boolean;
}

/** A log or an exception on the bar that it happened in. */
export interface Mark {
  row: Row;
  at: number;
}

export interface Waterfall {
  /** Parents before their children, siblings by start. */
  bars: Bar[];
  /** Logs of no span. */
  loose: Mark[];
  start: Moment;
  total: number;
  barOf: Map<string, Bar>;
}

const YEAR_2000 = 946_684_800_000;

export function layOut(rows: Row[], adjustSkew: boolean): Waterfall {
  // A clock that was never set must not stretch the time of all others: what it says stands at the start.
  const plausible = rows.filter((row) => row.time.ms >= YEAR_2000);
  const timed = plausible.length > 0 ? plausible : rows;
  const start = timed.reduce<Moment>((least, row) => (between(least, row.time) < 0 ? row.time : least), timed[0]?.time ?? { ms: 0, ns: 0 });
  const bySpan = new Map<string, Bar>();
  const all: Bar[] = [];
  for (const row of rows) {
    if (row.kind === 'request' || row.kind === 'span') {
      const bar = newBar(row, Math.max(0, between(start, row.time)));
      all.push(bar);
      // Of a span that was sent twice the first is its children's parent.
      if (row.spanId && !bySpan.has(keyOf(row, row.spanId))) {
        bySpan.set(keyOf(row, row.spanId), bar);
      }
    }
  }
  const roots = adopt(all, bySpan);
  const bars = flatten(roots);
  if (adjustSkew) {
    bars.forEach(setRight);
  }
  const loose = pin(rows, start, bySpan, bars);
  let end = 0;
  for (const moment of extents(bars, loose)) {
    end = Math.max(end, moment);
  }
  return { bars, loose, start, total: end, barOf: new Map(bars.map((bar) => [bar.row.id, bar])) };
}

const keyOf = (row: Row, span: string): string => `${row.traceId ?? ''}/${span}`;

const newBar = (row: Row, start: number): Bar => ({
  row, start, end: start + (row.wallMs ?? 0), depth: 0, shift: 0, parent: null, children: [], marks: [], hasError: row.level === 'error', isOrphan: false,
});

/** Gives each bar its parent; returns those without. A circle of parents is cut where it closes. */
function adopt(all: Bar[], bySpan: Map<string, Bar>): Bar[] {
  const roots: Bar[] = [];
  for (const bar of all) {
    const { parentSpanId } = bar.row;
    const parent = parentSpanId ? bySpan.get(keyOf(bar.row, parentSpanId)) : undefined;
    if (parent && !leadsTo(parent, bar)) {
      bar.parent = parent;
      parent.children.push(bar);
    } else {
      bar.isOrphan = parentSpanId !== null && parent === undefined;
      roots.push(bar);
    }
  }
  return roots;
}

/** Whether `bar` is above `from`. Only a bar that has children already can close a circle, which spares long chains. */
function leadsTo(from: Bar, bar: Bar): boolean {
  if (from === bar) {
    return true;
  }
  if (bar.children.length === 0) {
    return false;
  }
  for (let above: Bar | null = from; above; above = above.parent) {
    if (above === bar) {
      return true;
    }
  }
  return false;
}

/** Without recursion: a chain of 10,000 spans is deeper than the stack. */
function flatten(roots: Bar[]): Bar[] {
  // The first comes off the stack first, also of those that start together.
  const lastFirst = (some: Bar[]) => some.sort((a, b) => a.start - b.start).reverse();
  const bars: Bar[] = [];
  const stack = lastFirst([...roots]);
  for (let bar = stack.pop(); bar; bar = stack.pop()) {
    bar.depth = bar.parent ? bar.parent.depth + 1 : 0;
    bars.push(bar);
    stack.push(...lastFirst(bar.children));
  }
  return bars;
}

/**
 * A child on another machine that lies outside its parent, although it would fit, has another clock: it is centred, as
 * if the way there took as long as the way back. Its own children go with it. Called for parents first.
 */
function setRight(bar: Bar): void {
  const { parent } = bar;
  const length = bar.end - bar.start;
  bar.shift = parent && parent.row.worker === bar.row.worker ? parent.shift : 0;
  if (parent && parent.row.worker !== bar.row.worker) {
    const inherited = bar.start + parent.shift;
    const isInside = bar.start >= parent.start && bar.end <= parent.end;
    const fits = length <= parent.end - parent.start;
    bar.shift = isInside ? 0 : fits ? parent.start + (parent.end - parent.start - length) / 2 - bar.start
      : inherited < parent.start ? parent.start - bar.start : parent.shift;
  }
  bar.start += bar.shift;
  bar.end += bar.shift;
}

function pin(rows: Row[], start: Moment, bySpan: Map<string, Bar>, bars: Bar[]): Mark[] {
  const loose: Mark[] = [];
  for (const row of rows) {
    if (row.kind === 'request' || row.kind === 'span') {
      continue;
    }
    const span = row.spanId ?? row.parentSpanId;
    // Tail events have no spans: their logs belong to the one request of their id.
    const bar = (span ? bySpan.get(keyOf(row, span)) : undefined) ?? (bars.length === 1 && !row.traceId ? bars[0] : undefined);
    const at = Math.max(0, between(start, row.time)) + (bar?.shift ?? 0);
    (bar?.marks ?? loose).push({ row, at });
    if (bar && row.level === 'error') {
      bar.hasError = true;
    }
  }
  return loose;
}

function* extents(bars: Bar[], loose: Mark[]): Generator<number> {
  for (const bar of bars) {
    yield bar.end;
    for (const mark of bar.marks) {
      yield mark.at;
    }
  }
  for (const mark of loose) {
    yield mark.at;
  }
}

/** The window that a key leads to: null is all of the time, undefined means that the key has nothing to do with it. */
export function moveWindow(key: string, [from, to]: [number, number], total: number): [number, number] | null | undefined {
  const size = to - from;
  const around = (factor: number): [number, number] => [from + (size * (1 - factor)) / 2, to - (size * (1 - factor)) / 2];
  const by = (ms: number): [number, number] => [from + ms, to + ms];
  switch (key) {
    case '+': case '=': return around(0.5);
    case '-': return around(2);
    case 'ArrowLeft': return by(-Math.min(size / 4, from));
    case 'ArrowRight': return by(Math.min(size / 4, total - to));
    case '0': return null;
    default: return undefined;
  }
}

/** Round steps for an axis of `total` milliseconds with at most `most` labels. */
export function ticks(from: number, to: number, most: number): number[] {
  const rough = (to - from) / most;
  if (!(rough > 0)) {
    return [from];
  }
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((n) => n * size).find((s) => s >= rough)!;
  const out: number[] = [];
  for (let i = Math.ceil(from / step - 1e-9); i * step <= to; i++) {
    out.push(Number((i * step).toPrecision(12)));
  }
  return out;
}
