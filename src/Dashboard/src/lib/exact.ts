/**
 * JSON whose large integers stay exact: what a double can't hold becomes a bigint, so that an id of nineteen digits is shown, copied and
 * asked for as its producer sent it. Browsers that don't tell the text of a number to a reviver get it marked as text first.
 */
export function parseExact<T>(text: string): T {
  return JSON.parse(tellsSource ? text : marked(text), exact as (this: unknown, key: string, value: unknown) => unknown) as T;
}

/** The same way back. */
export function writeExact(value: unknown): string {
  const written = JSON.stringify(value, (_, v: unknown) => (typeof v === 'bigint' ? `${MARK}${v}` : v), 2);
  return written.replaceAll(/"\ue000(-?\d+)"/g, '$1');
}

// Of the private use area: no producer means anything by it.
const MARK = '\ue000';

const tellsSource = (() => {
  let told = false;
  JSON.parse('1', ((_: string, value: unknown, context?: { source?: string }) => {
    told = context?.source === '1';
    return value;
  }) as (this: unknown, key: string, value: unknown) => unknown);
  return told;
})();

// Strings are passed over whole; a number with a fraction or an exponent is none of these.
const marked = (text: string): string =>
  text.replaceAll(/"(?:[^"\\]|\\.)*"|-?\d{16,}(?![\d.eE])/g, (part) => (part.startsWith('"') ? part : `"${MARK}${part}"`));

function exact(_: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value === 'string') {
    return value.startsWith(MARK) && /^\ue000-?\d+$/.test(value) ? whole(value.slice(1)) : value;
  }
  const source = context?.source;
  return typeof value === 'number' && !Number.isSafeInteger(value) && source !== undefined && /^-?\d+$/.test(source) ? BigInt(source) : value;
}

const whole = (digits: string): number | bigint => (Number.isSafeInteger(Number(digits)) ? Number(digits) : BigInt(digits));
