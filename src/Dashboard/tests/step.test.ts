import { expect, it } from 'vitest';
import { stepFor } from '../src/lib/step';

it.each([
  ['5m', null, ''],
  ['15m', null, 'step=60s'],
  ['15m', 4_500_000, 'step=60s'],
  ['15m', 9_000, ''],
  ['1h', 4_500_000, ''],
])('Of the last %s with %s rows the step is "%s"', (from, rows, step) => expect(stepFor({ from, to: null }, rows)).toBe(step));
