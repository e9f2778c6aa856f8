import { type Filter, filterToQuery, filtersOf, parts } from './filters';
import { DEFAULT_RANGE, type Range, rangeOf } from './range';

export type Page = 'overview' | 'logs' | 'correlation' | 'health';

/** What a page shows, all of it, as its address says. A link shows the same; "back" leads to what was shown before. */
export interface View {
  page: Page;
  filters: Filter[];
  range: Range;
  live: boolean;
  /** Of the log list: the row whose details are open. */
  row: string | null;
  /** Its time, by which it is found however far down the list it is. */
  rowAt: string | null;
  /** Of the correlation page. */
  id: string;
  /** A window into the waterfall, milliseconds from its start. */
  zoom: [number, number] | null;
  adjustSkew: boolean;
  /** Of the overview: the worker whose percentiles are drawn, and which percentile where none is chosen. */
  focus: string | null;
  percentile: 'p50' | 'p95' | 'p99';
}

const PATHS: Record<Page, string> = { overview: '/', logs: '/logs', correlation: '/correlation', health: '/health' };

export function readView(path: string, search: string): View {
  const page = (Object.keys(PATHS) as Page[]).find((p) => PATHS[p] === path) ?? 'overview';
  const named = new Map(parts(search).map((part) => split(part)));
  const percentile = named.get('percentile');
  return {
    page,
    filters: page === 'logs' ? filtersOf(search) : [],
    range: rangeOf(named.get('from'), named.get('to')),
    live: named.get('live') !== '0',
    row: named.get('row') || null,
    rowAt: named.get('at') || null,
    id: named.get('id') ?? '',
    zoom: zoomOf(named.get('zoom')),
    adjustSkew: named.get('skew') === 'adjusted',
    focus: named.get('focus') || null,
    percentile: percentile === 'p50' || percentile === 'p99' ? percentile : 'p95',
  };
}

/** Only what differs from the defaults is written, so that addresses stay short. */
export function writeView(view: View): string {
  const query: string[] = view.page === 'logs' ? view.filters.map(filterToQuery) : [];
  const add = (name: string, value: string | null) => value && query.push(`${name}=${encodeURIComponent(value)}`);
  if (view.page === 'correlation') {
    add('id', view.id);
    add('zoom', view.zoom && view.zoom.map((ms) => Number(ms.toFixed(6))).join('-'));
    add('skew', view.adjustSkew ? 'adjusted' : null);
  }
  if (view.page === 'overview' || view.page === 'logs') {
    add('from', view.range.from === DEFAULT_RANGE.from && view.range.to === null ? null : view.range.from);
    add('to', view.range.to);
    add('live', view.live ? null : '0');
  }
  if (view.page === 'overview') {
    add('focus', view.focus);
    add('percentile', view.percentile === 'p95' ? null : view.percentile);
  }
  if (view.page !== 'overview') {
    add('row', view.row);
    add('at', view.page === 'logs' && view.row !== null ? view.rowAt : null);
  }
  return PATHS[view.page] + (query.length > 0 ? '?' + query.join('&') : '');
}

/** The view that a page opens with: the range goes along, the rest is the page's own. */
export function openPage(page: Page, from: View, more: Partial<View> = {}): View {
  return { ...readView(PATHS[page], ''), range: from.range, ...more, page };
}

function split(part: string): [string, string] {
  const at = part.indexOf('=');
  return at < 0 ? [part, ''] : [part.slice(0, at), part.slice(at + 1)];
}

function zoomOf(text: string | undefined): [number, number] | null {
  const [from, to] = (text ?? '').split('-').map(Number);
  return from !== undefined && to !== undefined && from >= 0 && to > from ? [from, to] : null;
}
