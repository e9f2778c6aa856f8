import { pieces } from '../lib/safe';

/** Text that a producer sent. Links only where it is shown in full: in a list a click means the row. */
export function SafeText({ text, links = false }: { text: string; links?: boolean }) {
  return (
    <>
      {pieces(text, links).map((piece, i) =>
        piece.kind === 'hidden' ? <span key={i} class="hidden-char" title="A character that would not be seen">{piece.text}</span>
        : piece.kind === 'link' ? <a key={i} href={piece.text} target="_blank" rel="noopener noreferrer">{piece.text}</a>
        : piece.text)}
    </>
  );
}
