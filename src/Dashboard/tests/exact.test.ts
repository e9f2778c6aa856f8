import { describe, expect, it } from 'vitest';
import { parseExact, writeExact } from '../src/lib/exact';
import { isId } from '../src/lib/filters';
import { layOut } from '../src/lib/waterfall';
import { someRow } from './some';

describe('exact', () => {
  it('keeps integers that no double holds, and gives them back as they came', () => {
    const text = '{"id":1234567890123456789,"n":5,"f":0.1,"e":1e+30,"s":"1234567890123456789","a":[-9223372036854775808]}';
    const value = parseExact<{ id: unknown; n: unknown; a: unknown[] }>(text);
    expect(String(value.id)).toBe('1234567890123456789');
    expect(value.n).toBe(5);
    expect(String(value.a[0])).toBe('-9223372036854775808');
    expect(writeExact(value).replace(/\s/g, '')).toBe(text);
  });
});

describe('isId', () => {
  it.each([
    '4bf92f3577b34da6a3ce929d0e0e4736', '00f067aa0ba902b7', '4BF92F35-77B3-4DA6-A3CE-929D0E0E4736', '{4bf92f35-77b3-4da6-a3ce-929d0e0e4736}',
    '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', '1-4bf92f35-77b34da6a3ce929d0e0e4736', ' order-4711 ', '8f2c1d3e4a5b-AMS',
  ])('offers the correlation of %s', (text) => expect(isId(text)).toBe(true));
  it.each(['', 'timeout', 'cart 4711 is empty', 'wall_time_ms>=250', 'attr.n=5', '4711', '/orders/4711'])('does not take %s for an id', (text) => expect(isId(text)).toBe(false));
});

describe('layOut', () => {
  it('is not stretched by a clock that was never set', () => {
    const rows = [-Date.UTC(2026, 10, 23, 12) + 5000, 0, 250].map((at, i) => someRow({ at, span: `${i}`, wall: 100 }));
    const { bars, total } = layOut(rows, false);
    expect(bars.map((bar) => bar.start)).toEqual([0, 0, 250]);
    expect(total).toBe(350);
  });
});
