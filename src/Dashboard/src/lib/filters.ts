/** Filters as they stand in the address and as the API takes them: a name, an operator, a value. */
export interface Filter {
  name: string;
  op: Op;
  value: string;
}

export const OPS = ['>=', '<=', '>', '<', '='] as const;
export type Op = (typeof OPS)[number];

const NAMES = new Set(['correlation_id', 'trace_id', 'request_id', 'worker', 'level', 'kind', 'outcome', 'q', 'wall_time_ms']);

export const isFilterName = (name: string): boolean => NAMES.has(name) || /^attr\..+/.test(name);

/** "a>=b", as in one part of a query string that has been decoded. Null where it is no filter. */
export function parseFilter(text: string): Filter | null {
  const match = /^(q|[^=<>]+?)(>=|<=|>|<|=)(.*)$/s.exec(text);
  if (!match || !isFilterName(match[1]!) || match[3] === '') {
    return null;
  }
  return { name: match[1]!, op: match[2] as Op, value: match[3]! };
}

/** One part of a query string. The operator is part of the name: `wall_time_ms%3E=250`. */
export function filterToQuery(filter: Filter): string {
  const { name, op, value } = filter;
  // ">" alone must not look like a name without a value, so it carries an empty one's "=": name>value.
  return op === '=' ? `${encodeURIComponent(name)}=${encodeURIComponent(value)}`
    : op.endsWith('=') ? `${encodeURIComponent(name + op.slice(0, -1))}=${encodeURIComponent(value)}`
    : encodeURIComponent(`${name}${op}${value}`);
}

/** A text that people copy to look for what belongs to it: an id in one of its usual forms. */
export function isId(text: string): boolean {
  return /^[^\s=<>:"]{8,128}$/.test(text.trim()) && /\d/.test(text) && /^(00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}|[{]?[0-9a-f-]{16,36}[}]?|1-[0-9a-f]{8}-[0-9a-f]{24}|[\w.-]*\d[\w.-]*)$/i.test(text.trim());
}

/** All filters of a query string, in order; what is no filter is left out. */
export function filtersOf(search: string): Filter[] {
  return parts(search).map(parseFilter).filter((f) => f !== null);
}

export function parts(search: string): string[] {
  return search.replace(/^\?/, '').split('&').filter((part) => part !== '').map(decode);
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part.replaceAll('+', ' '));
  } catch {
    return part;
  }
}

/** A second value of a single-valued name takes the first one's place; attributes and bounds add up. */
export function withFilter(filters: Filter[], added: Filter): Filter[] {
  const replaced = (f: Filter) => f.name === added.name && f.op === added.op;
  return [...filters.filter((f) => !replaced(f)), added];
}

export function describe(filter: Filter): string {
  const { name, op, value } = filter;
  if (name === 'q') {
    return `“${value}”`;
  }
  if (name === 'level') {
    return value === 'error' ? 'error' : `${value} or worse`;
  }
  return `${name.replace(/^attr\./, '')} ${op === '>=' ? '≥' : op === '<=' ? '≤' : op} ${value}`;
}
