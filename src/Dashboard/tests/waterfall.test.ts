import { describe, expect, it } from 'vitest';
import { layOut, moveWindow, ticks } from '../src/lib/waterfall';
import { someRow } from './some';

const shape = (rows: ReturnType<typeof someRow>[], adjust = false) =>
  layOut(rows, adjust).bars.map((bar) => `${'.'.repeat(bar.depth)}${bar.row.spanId} ${bar.start}-${bar.end}`);

describe('layOut', () => {
  it('puts children under their parents and siblings in order of their start, whatever order they come in', () => {
    expect(shape([
      someRow({ span: 'b', parent: 'root', at: 6, wall: 2 }),
      someRow({ span: 'leaf', parent: 'a', at: 3, wall: 1 }),
      someRow({ span: 'a', parent: 'root', at: 2, wall: 3 }),
      someRow({ span: 'root', at: 0, wall: 10 }),
    ])).toEqual(['root 0-10', '.a 2-5', '..leaf 3-4', '.b 6-8']);
  });

  it('keeps times exact to the nanosecond', () => {
    const [bar] = layOut([someRow({ kind: 'log', at: 0 }), someRow({ span: 'x', at: 1.000001, wall: 0.000001 })], false).bars;
    expect(bar!.start).toBe(1.000001);
  });

  it('shows spans whose parent is missing as orphans, not at all as lost', () => {
    const { bars } = layOut([someRow({ span: 'x', parent: 'gone' }), someRow({ span: 'y' })], false);
    expect(bars.map((bar) => [bar.row.spanId, bar.isOrphan])).toEqual([['x', true], ['y', false]]);
  });

  it.each([
    ['of two', [['a', 'b'], ['b', 'a']]],
    ['with itself', [['a', 'a']]],
    ['of three', [['a', 'c'], ['b', 'a'], ['c', 'b']]],
  ])('cuts a circle %s and keeps every span once', (_name, spans) => {
    const { bars } = layOut(spans.map(([span, parent], i) => someRow({ span, parent, at: i })), false);
    expect(bars.map((bar) => bar.row.spanId).sort()).toEqual(spans.map(([span]) => span).sort());
  });

  it('pins logs to the span that they happened in, and errors show on it', () => {
    const { bars, loose } = layOut([
      someRow({ span: 'a', at: 0, wall: 10 }),
      someRow({ kind: 'log', span: 'a', at: 4 }),
      someRow({ kind: 'exception', parent: 'a', at: 5, level: 'error' }),
      someRow({ kind: 'log', span: 'elsewhere', at: 6 }),
    ], false);
    expect(bars[0]!.marks.map((mark) => mark.at)).toEqual([4, 5]);
    expect(bars[0]!.hasError).toBe(true);
    expect(loose.map((mark) => mark.at)).toEqual([6]);
  });

  it('does not mix up spans of different traces that share an id', () => {
    expect(shape([
      someRow({ trace: 't1', span: 'root', at: 0 }),
      someRow({ trace: 't2', span: 'root', at: 1 }),
      someRow({ trace: 't2', span: 'kid', parent: 'root', at: 2 }),
    ])).toEqual(['root 0-10', 'root 1-11', '.kid 2-12']);
  });

  it('spans all of the time, also that of a log behind the last span', () => {
    expect(layOut([someRow({ span: 'a', at: 0, wall: 10 }), someRow({ kind: 'log', at: 25 })], false).total).toBe(25);
  });

  it('lays out nothing', () => {
    expect(layOut([], false)).toMatchObject({ bars: [], total: 0 });
  });

  it('lays out 10,000 spans in one chain, and side by side, within a frame or two', () => {
    const chain = Array.from({ length: 10_000 }, (_, i) => someRow({ span: `s${i}`, parent: i === 0 ? undefined : `s${i - 1}`, at: i }));
    const wide = Array.from({ length: 10_000 }, (_, i) => someRow({ span: `w${i}`, parent: i === 0 ? undefined : 'w0', at: i }));
    for (const rows of [chain, [...chain].reverse(), wide]) {
      const since = performance.now();
      expect(layOut(rows, true).bars).toHaveLength(10_000);
      expect(performance.now() - since).toBeLessThan(500);
    }
  });
});

describe('skew', () => {
  const rows = [
    someRow({ span: 'client', worker: 'a', at: 100, wall: 20 }),
    someRow({ span: 'server', parent: 'client', worker: 'b', at: 10, wall: 10 }),
    someRow({ span: 'query', parent: 'server', worker: 'b', at: 12, wall: 4 }),
  ];

  it('leaves times as they were sent unless it is asked', () => {
    expect(shape(rows)).toEqual(['client 90-110', '.server 0-10', '..query 2-6']);
  });

  it('centres a server in its client, and takes what is below along', () => {
    const { bars } = layOut(rows, true);
    expect(bars.map((bar) => [bar.row.spanId, bar.start, bar.shift])).toEqual([['client', 90, 0], ['server', 95, 95], ['query', 97, 95]]);
  });

  it('does not touch what lies inside its parent', () => {
    const { bars } = layOut([someRow({ span: 'p', worker: 'a', at: 0, wall: 10 }), someRow({ span: 'c', parent: 'p', worker: 'b', at: 1, wall: 5 })], true);
    expect(bars[1]!.shift).toBe(0);
  });
});

describe('a window', () => {
  it.each<[string, [number, number], [number, number] | null | undefined]>([
    ['+', [0, 100], [25, 75]],
    ['-', [25, 75], [0, 100]],
    ['ArrowRight', [20, 60], [30, 70]],
    ['ArrowRight', [58, 98], [60, 100]],
    ['ArrowLeft', [5, 45], [0, 40]],
    ['0', [5, 45], null],
    ['j', [5, 45], undefined],
  ])('moves by the key %s from %j to %j', (key, from, expected) => expect(moveWindow(key, from, 100)).toEqual(expected));
});

describe('ticks', () => {
  it.each([
    [0, 346, 7, [0, 50, 100, 150, 200, 250, 300]],
    [0.0002, 0.0011, 5, [0.0002, 0.0004, 0.0006, 0.0008, 0.001]],
    [0, 0, 5, [0]],
  ])('from %d to %d are round', (from, to, most, expected) => expect(ticks(from, to, most)).toEqual(expected));
});
