import { expect, it } from 'vitest';
import { gapText } from '../src/lib/model';
import { emptyList, indexOfRow, KEPT_LIVE, olderThan, rowAt, sizeOf, withFresh, withPast } from '../src/lib/rows';
import { someRow } from './some';

const named = (...ids: string[]) => ids.map((id, i) => someRow({ id, at: i }));
const ids = (list: ReturnType<typeof emptyList>) => Array.from({ length: sizeOf(list) }, (_, i) => rowAt(list, i)!.id);

it('New rows come at the top, older pages at the bottom, and what overlaps is shown once', () => {
  let list = withFresh(emptyList(), named('b', 'c'));
  list = withPast(list, named('b', 'a'), 'next');
  list = withFresh(list, named('d'));
  expect(ids(list)).toEqual(['d', 'c', 'b', 'a']);
  expect([indexOfRow(list, 'd'), indexOfRow(list, 'a'), indexOfRow(list, 'z'), indexOfRow(list, null)]).toEqual([0, 3, -1, -1]);
  expect(list.cursor).toBe('next');
});

it('A tail does not grow without end; what it forgot is asked for anew, not skipped', () => {
  let list = withPast(emptyList(), named('old'), 'next');
  for (let i = 0; i <= KEPT_LIVE / 100; i++) {
    list = withFresh(list, Array.from({ length: 100 }, (_, j) => someRow({ id: `${i}-${j}`, at: i * 100 + j })));
  }
  expect(sizeOf(list)).toBeLessThanOrEqual(KEPT_LIVE);
  expect(list.past).toEqual([]);
  expect(list.cursor).toBeUndefined();
  expect(list.added).toBe(KEPT_LIVE + 100);
});

it('Older rows are asked for up to just behind the first that came, stragglers aside', () => {
  const list = withFresh(emptyList(), [someRow({ at: -86_400_000 }), someRow({ at: 5 })]);
  expect(olderThan(list)).toBe('2026-11-23T12:00:00.005000001Z');
  expect(olderThan(emptyList())).toBeNull();
});

it('A gap says whose rows are missing and how many, as far as somebody knows', () => {
  const gap = { from: 0, to: 1, count: 1234, reason: 'queue_full', worker: 'shop' };
  expect(gapText(gap)).toBe('shop: 1,234 queue_full');
  expect(gapText({ ...gap, count: 0, reason: 'damaged' })).toBe('shop: an unknown number (damaged)');
  expect(gapText({ ...gap, worker: '*' })).toBe('any service: 1,234 queue_full');
  expect(gapText({ ...gap, worker: '*', count: 0, reason: 'not_running' })).toBe('Collector was not running');
});
