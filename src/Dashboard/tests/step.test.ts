import { expect, it } from 'vitest';
import { nextLook, stepFor } from '../src/lib/step';

it.each([
  ['5m', null, ''],
  ['15m', null, 'step=60s'],
  ['15m', 4_500_000, 'step=60s'],
  ['15m', 9_000, ''],
  ['1h', 4_500_000, ''],
])('Of the last %s with %s rows the step is "%s"', (from, rows, step) => expect(stepFor({ from, to: null }, rows)).toBe(step));

it.each([
  [5, 20, 5_000],
  [60, 20, 30_000],
  [5, 1_000, 20_000],
])('Figures in steps of %s s that took %s ms are asked for again after %s ms', (step, took, expected) => expect(nextLook(step, took)).toBe(expected));
