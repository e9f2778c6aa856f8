import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openLive } from '../src/lib/live';
import { someRow } from './some';

/** Plays the server's part. */
class FakeStream extends EventTarget {
  static opened: FakeStream[] = [];
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  closed = false;
  constructor(readonly url: string) {
    super();
    FakeStream.opened.push(this);
  }
  close(): void {
    this.closed = true;
  }
  send(type: string, data: unknown, lastEventId = ''): void {
    this.dispatchEvent(Object.assign(new Event(type), { data: JSON.stringify(data), lastEventId }));
  }
  row(message: string, id: string): void {
    this.send('log', { ...someRow().wire, message }, id);
  }
}

let page: EventTarget & { hidden: boolean };
let frame: (() => void) | null = null;
const nextFrame = () => {
  const draw = frame;
  frame = null;
  draw?.();
};
const last = () => FakeStream.opened.at(-1)!;

function open(from: string | null = null) {
  const seen = { rows: [] as string[], skipped: 0, states: [] as string[], broken: 0 };
  const stream = openLive('level=error&limit=200', from, {
    rows: (rows) => seen.rows.push(...rows.map((row) => row.message)),
    skipped: (count) => void (seen.skipped += count),
    state: (state) => seen.states.push(state),
    broken: () => void seen.broken++,
  });
  return { stream, seen };
}

beforeEach(() => {
  vi.useFakeTimers();
  FakeStream.opened = [];
  frame = null;
  page = Object.assign(new EventTarget(), { hidden: false });
  vi.stubGlobal('document', page);
  vi.stubGlobal('isSecureContext', false);
  vi.stubGlobal('EventSource', FakeStream);
  vi.stubGlobal('requestAnimationFrame', (draw: () => void) => ((frame = draw), 1));
  vi.stubGlobal('cancelAnimationFrame', () => (frame = null));
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('Rows are handed over once a frame, in the order that they came', () => {
  const { seen } = open();
  last().row('a', '1-1');
  last().row('b', '1-2');
  expect(seen.rows).toEqual([]);
  nextFrame();
  expect(seen.rows).toEqual(['a', 'b']);
});

it('Where no row tells how far it has come, the stream itself does', async () => {
  const { stream } = open();
  last().row('late', '1-10');
  last().send('live', {}, '1-12');
  last().onerror!();
  await vi.advanceTimersByTimeAsync(2000);
  expect(last().url).toMatch(/last_event_id=1-12$/);
  last().send('watermark', {}, '2-7');
  expect(stream.close()).toBe('2-7');
});

it('A stream that broke is opened again behind the last row that was seen', async () => {
  const { seen } = open();
  expect(last().url).toBe('/api/live?level=error&limit=200');
  last().send('live', {});
  last().row('a', '3-1204');
  last().onerror!();
  expect(last().closed).toBe(true);
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.broken).toBe(1);
  await vi.advanceTimersByTimeAsync(2000);
  expect(FakeStream.opened).toHaveLength(2);
  expect(last().url).toBe('/api/live?level=error&limit=200&last_event_id=3-1204');
  last().onopen!();
  expect(seen.states).toEqual(['connecting', 'live', 'away', 'connecting', 'live']);
});

it('A pause keeps what has come, and says where to go on', () => {
  const { stream, seen } = open();
  last().row('a', '1-7');
  expect(stream.close()).toBe('1-7');
  expect(seen.rows).toEqual(['a']);
  expect(last().closed).toBe(true);
  open('1-7');
  expect(last().url).toContain('last_event_id=1-7');
});

it('More rows than a frame can show are counted, and the newest are shown', () => {
  const { seen } = open();
  for (let i = 1; i <= 1000; i++) {
    last().row(`${i}`, `1-${i}`);
  }
  nextFrame();
  expect(seen.rows.at(-1)).toBe('1000');
  expect(seen.rows.length + seen.skipped).toBe(1000);
  expect(seen.skipped).toBeGreaterThan(0);
});

it('What the server skipped adds to what was not shown', () => {
  const { seen } = open();
  last().send('skipped', { count: 123 });
  last().row('a', '1-1');
  nextFrame();
  expect(seen.skipped).toBe(123);
});

it('While the page is hidden memory is bounded and the count stays exact', () => {
  const { seen } = open();
  for (let i = 1; i <= 20_000; i++) {
    last().row('x', `1-${i}`);
  }
  nextFrame();
  expect(seen.rows.length).toBeLessThanOrEqual(1000);
  expect(seen.rows.length + seen.skipped).toBe(20_000);
});

it('While the page is hidden it has no stream, and goes on behind the last row when it is seen again', async () => {
  const { seen } = open();
  last().row('a', '1-7');
  page.hidden = true;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(last().closed).toBe(true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(FakeStream.opened).toHaveLength(1);
  expect(seen.broken).toBe(0);

  page.hidden = false;
  page.dispatchEvent(new Event('visibilitychange'));
  expect(FakeStream.opened).toHaveLength(2);
  expect(last().url).toContain('last_event_id=1-7');
});
