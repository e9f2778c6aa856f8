import { expect, it } from 'vitest';
import { isNameless, reviveRow } from '../src/lib/model';
import { someRow } from './some';

const graded = (level: string, context: Record<string, unknown>) => reviveRow({ ...someRow({ level }).wire, context }).grade;

it.each([
  ['error', { severity: 'fatal' }, 'fatal'],
  ['error', { severity_number: 21 }, 'fatal'],
  ['error', { severity_number: 24 }, 'fatal'],
  ['error', { severity_number: 20 }, null],
  ['error', {}, null],
  ['debug', { severity: 'trace' }, 'trace'],
  ['debug', { severity_number: 1 }, 'trace'],
  ['debug', { severity_number: 4 }, 'trace'],
  ['debug', { severity_number: 5 }, null],
  ['info', { severity: 'fatal', severity_number: 24 }, null],
  ['error', { severity: 'trace', severity_number: '24' }, null],
])('A row of level %s with %j is graded %s', (level, context, grade) => expect(graded(level, context)).toBe(grade));

it('A row is from the future when it is dated more than a minute after its arrival', () => {
  expect(someRow({ at: -5 }).ahead).toBe(0);
  expect(someRow({ at: 60_000 }).ahead).toBe(0);
  expect(someRow({ at: 60_001 }).ahead).toBe(60_001);
  expect(someRow({ at: 3 * 3_600_000 }).ahead).toBe(3 * 3_600_000);
});

it('A producer has no name where an SDK made one up', () => {
  expect(['unknown-worker', 'unknown_service', 'unknown_service:python', 'shop', 'my-unknown_service', ''].map(isNameless))
    .toEqual([true, true, true, false, false, false]);
});
