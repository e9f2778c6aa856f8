import { describe, expect, it } from 'vitest';
import { filterToQuery, parseFilter, withFilter } from '../src/lib/filters';
import { bounds, fixedRange, localInput, rangeBetween, rangeOf, zoomOut } from '../src/lib/range';
import { openPage, readView, writeView } from '../src/lib/url';

const read = (url: string) => {
  const [path, search] = url.split('?');
  return readView(path!, search ? `?${search}` : '');
};

describe('an address', () => {
  it.each([
    '/',
    '/?from=7d&focus=checkout&percentile=p99',
    '/logs',
    '/logs?level=error&worker=a%20b&q=50%25%20off%20%26%20more&from=15m&live=0&row=01a2&at=2026-11-26T10%3A00%3A00.000000001Z',
    '/logs?wall_time_ms%3E=250&wall_time_ms%3C1000&attr.http.route=%2Fcart',
    '/logs?from=2026-11-26T10%3A00%3A00.000Z&to=2026-11-26T11%3A00%3A00.000Z',
    '/correlation?id=a%2Fb%3Fc&zoom=1.5-20.25&skew=adjusted&row=x',
    '/health',
  ])('%s says all that is shown: it is read and written again as it was', (url) => expect(writeView(read(url))).toBe(url));

  it('that makes no sense shows the defaults, and does not fail', () => {
    expect(writeView(read('/nowhere?from=yesterday&zoom=9-1&percentile=p12&%E0%A4%A=1'))).toBe('/');
    expect(read('/logs?level=error&nonsense=1&attr.=2').filters).toEqual([{ name: 'level', op: '=', value: 'error' }]);
  });

  it('of another page takes the range along and leaves the rest', () => {
    const logs = read('/logs?level=error&from=6h&row=x');
    expect(writeView(openPage('overview', logs))).toBe('/?from=6h');
    expect(writeView(openPage('correlation', logs, { id: 'c1' }))).toBe('/correlation?id=c1');
  });
});

describe('a filter', () => {
  it.each([
    ['level=warn', 'level', '=', 'warn'],
    ['wall_time_ms>=250', 'wall_time_ms', '>=', '250'],
    ['wall_time_ms>250', 'wall_time_ms', '>', '250'],
    ['attr.latency_ms<=1.5', 'attr.latency_ms', '<=', '1.5'],
    ['attr.http.route=/x?a=b', 'attr.http.route', '=', '/x?a=b'],
    ['q=a>=b', 'q', '=', 'a>=b'],
  ])('%s is understood', (text, name, op, value) => expect(parseFilter(text)).toEqual({ name, op, value }));

  it.each(['just words', 'colour=red', 'level=', 'attr.=x', 'a = b'])('%s is none', (text) => expect(parseFilter(text)).toBeNull());

  it('is sent as the API takes it, with the operator in the name', () => {
    expect(filterToQuery({ name: 'wall_time_ms', op: '>=', value: '250' })).toBe('wall_time_ms%3E=250');
    expect(filterToQuery({ name: 'wall_time_ms', op: '>', value: '250' })).toBe('wall_time_ms%3E250');
    expect(filterToQuery({ name: 'q', op: '=', value: 'a&b=c' })).toBe('q=a%26b%3Dc');
  });

  it('takes the place of one of its name and operator, and adds to others', () => {
    const bounded = withFilter([{ name: 'wall_time_ms', op: '>=', value: '1' }], { name: 'wall_time_ms', op: '<', value: '9' });
    expect(withFilter(bounded, { name: 'wall_time_ms', op: '>=', value: '5' }).map((f) => f.op + f.value)).toEqual(['<9', '>=5']);
  });
});

describe('a range', () => {
  const now = Date.UTC(2026, 10, 26, 12);

  it('goes back from now, or lies between two times', () => {
    expect(bounds(rangeOf('15m', undefined), now)).toEqual([now - 900_000, now]);
    expect(bounds(rangeOf('2026-11-26T10:00:00Z', '2026-11-26T11:00:00Z'), now)).toEqual([now - 7_200_000, now - 3_600_000]);
  });
  it('that was brushed holds all that was brushed, and a second at least', () => {
    expect(fixedRange(now + 0.4, now + 0.6)).toEqual({ from: '2026-11-26T12:00:00.000Z', to: '2026-11-26T12:00:01.000Z' });
  });
  it('zooms out around its middle, or to the next longer span', () => {
    expect(zoomOut({ from: '15m', to: null }, now)).toEqual({ from: '1h', to: null });
    expect(zoomOut(fixedRange(now, now + 60_000), now)).toEqual(fixedRange(now - 30_000, now + 90_000));
    expect(zoomOut({ from: '7d', to: null }, now)).toEqual({ from: '7d', to: null });
  });
});

describe('two times that were written', () => {
  it('are the range between them, and what an input shows of it leads back to it', () => {
    const range = rangeBetween('2026-11-26T10:00:00', '2026-11-26T11:30:05')!;
    expect(bounds(range, 0).map(localInput)).toEqual(['2026-11-26T10:00:00', '2026-11-26T11:30:05']);
  });

  it.each([['2026-11-26T10:00:00', '2026-11-26T10:00:00'], ['', '2026-11-26T10:00:00'], ['x', 'y']])(
    '%s and %s are none', (from, to) => expect(rangeBetween(from, to)).toBeNull(),
  );
});
