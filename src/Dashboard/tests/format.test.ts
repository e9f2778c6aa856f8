import { describe, expect, it } from 'vitest';
import { bytes, compact, duration, percent, span } from '../src/lib/format';
import { between, parseMoment } from '../src/lib/model';
import { reachable } from '../src/lib/address';
import { pieces, plain } from '../src/lib/safe';
import { grid, spread, stack } from '../src/lib/series';

it.each([
  [null, '–'], [0, '0 ms'], [0.0000004, '0 ns'], [0.000123, '123 ns'], [0.0123, '12.3 µs'], [1.2345, '1.23 ms'], [346.01, '346 ms'],
  [999.4, '999 ms'], [999.9, '1 s'], [1500, '1.5 s'], [59_960, '1m'], [61_000, '1m 1s'], [3_720_000, '1h 2m'],
])('duration(%s) is %s', (ms, text) => expect(duration(ms)).toBe(text));

it.each([[0, '0s'], [59, '59s'], [60, '1m'], [3661, '1h 1m'], [90061, '1d 1h'], [604800, '7d']])('span(%d) is %s', (s, text) => expect(span(s)).toBe(text));
it.each([[0, '0 B'], [999, '999 B'], [1024, '1 KiB'], [25303968, '24.1 MiB'], [1048575, '1 MiB']])('bytes(%d) is %s', (n, text) => expect(bytes(n)).toBe(text));
it.each([[0, '0 %'], [0.00001, '< 0.01 %'], [0.0223, '2.23 %'], [0.5, '50 %']])('percent(%d) is %s', (n, text) => expect(percent(n)).toBe(text));
it.each([[0, '0'], [9.636, '9.64'], [999, '999'], [34_700, '34.7K'], [1_230_000, '1.23M']])('compact(%d) is %s', (n, text) => expect(compact(n)).toBe(text));

describe('moments', () => {
  it('keep nine decimals', () => {
    expect(between(parseMoment('2026-11-23T12:00:00.000000001Z'), parseMoment('2026-11-23T12:00:00.000000003Z'))).toBe(0.000002);
    expect(between(parseMoment('2026-11-23T12:00:00.999999999Z'), parseMoment('2026-11-23T12:00:01.000000000Z'))).toBeCloseTo(0.000001, 12);
  });
  it('are read from shorter forms too', () => {
    expect(parseMoment('2026-11-23T12:00:00Z')).toEqual({ ms: Date.UTC(2026, 10, 23, 12), ns: 0 });
  });
});

describe('text of logs', () => {
  const kinds = (text: string, links = true) => pieces(text, links).map((piece) => `${piece.kind}:${piece.text}`);

  it('makes control and bidirectional characters visible', () => {
    expect(kinds('a\u001b[31mred')).toEqual(['plain:a', 'hidden:␛', 'plain:[31mred']);
    expect(kinds('user\u202etxt.exe')).toEqual(['plain:user', 'hidden:‹U+202E›', 'plain:txt.exe']);
    expect(kinds('\u0000\u200b')).toEqual(['hidden:␀', 'hidden:‹U+200B›']);
  });
  it('keeps line breaks, tabs and every other script', () => {
    expect(kinds('a\n\tb ünï 世界 مرحبا 👩‍🚀'.replace('\u200d', ''))).toHaveLength(1);
  });
  it('links http and https alone', () => {
    expect(kinds('see https://x.example/a?b=c#d, or javascript:alert(1) data:text/html,x')).toEqual([
      'plain:see ', 'link:https://x.example/a?b=c#d', 'plain:, or javascript:alert(1) data:text/html,x']);
  });
  it('does not take a hidden character into a link', () => {
    expect(kinds('https://good.example/\u202emoc.live')).toEqual(['link:https://good.example/', 'hidden:‹U+202E›', 'plain:moc.live']);
  });
  it('has no links where a click means something else', () => {
    expect(kinds('https://x.example', false)).toEqual(['plain:https://x.example']);
  });
});

it('Text for an attribute shows what would be hidden', () => expect(plain('user\u202etxt.exe\u001b[0m')).toBe('user‹U+202E›txt.exe␛[0m'));

it.each([
  ['127.0.0.1:4318', '127.0.0.1:4318'],
  ['0.0.0.0:4318', 'logs.example:4318'],
  ['[::]:14318', 'logs.example:14318'],
])('A producer reaches %s at %s', (address, expected) => expect(reachable(address, 'logs.example')).toBe(expected));

describe('series', () => {
  it('fills the steps that the API leaves out', () => {
    const times = grid(Date.UTC(2026, 0, 1), Date.UTC(2026, 0, 1, 0, 3), 60);
    expect(spread(times, [{ time: '2026-01-01T00:01:00.000000000Z', n: 7 }], (s) => s.n, 0)).toEqual([0, 7, 0]);
  });
  it('begins at the step that the range begins in', () => {
    expect(grid(90_000, 150_000, 60)).toEqual([60, 120]);
  });
  it('stacks from the bottom and paints the tallest first', () => {
    expect(stack([[1, 0], [2, 5]])).toEqual([[3, 5], [1, 0]]);
  });
});
