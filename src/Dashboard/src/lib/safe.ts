/**
 * Text of logs for the eye. It only ever becomes a text node, so markup is dead; what is left are characters that
 * change how the text around them looks: control characters and bidirectional overrides.
 */
export interface Piece {
  text: string;
  kind: 'plain' | 'hidden' | 'link';
}

// eslint-disable-next-line no-control-regex
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;
const LINK = /https?:\/\/[^\s"'<>`{}|\\^\u0000-\u0020\u007f-\u00a0\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]+/g;

/** "\u001b" as ␛, others as their code point: seen, copied and never obeyed. */
export function visible(char: string): string {
  const code = char.codePointAt(0)!;
  return code < 0x20 ? String.fromCodePoint(0x2400 + code) : `‹U+${code.toString(16).toUpperCase().padStart(4, '0')}›`;
}

/** The same for places that hold no elements: attributes, options of a list, the title of the window. */
export const plain = (text: string): string => text.replace(HIDDEN, visible);

export function pieces(text: string, links: boolean): Piece[] {
  const out: Piece[] = [];
  let end = 0;
  for (const match of links ? text.matchAll(LINK) : []) {
    const url = match[0].replace(/[.,;:!?)\]]+$/, '');
    split(text.slice(end, match.index), out);
    out.push({ text: url, kind: 'link' });
    end = match.index + url.length;
  }
  split(text.slice(end), out);
  return out;
}

function split(text: string, out: Piece[]): void {
  let end = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > end) {
      out.push({ text: text.slice(end, match.index), kind: 'plain' });
    }
    out.push({ text: visible(match[0]), kind: 'hidden' });
    end = match.index + 1;
  }
  if (end < text.length) {
    out.push({ text: text.slice(end), kind: 'plain' });
  }
}
