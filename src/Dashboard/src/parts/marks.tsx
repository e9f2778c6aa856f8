import { duration } from '../lib/format';
import type { Row } from '../lib/model';

const MEANINGS = { fatal: 'The producer called it fatal: a kind of error', trace: 'The producer called it trace: a kind of debug' } as const;

/** The level as its producer said it. */
export function LevelWord({ row, class: className }: { row: Row; class: string }) {
  return row.grade
    ? <span class={`${className} grade-${row.grade}`} title={MEANINGS[row.grade]}>{row.grade}</span>
    : <span class={className}>{row.level}</span>;
}

/** Of a row from the future: where people look for what happened just now, it does not appear. */
export function FutureMark({ row }: { row: Row }) {
  return row.ahead === 0 ? null : (
    <span class="flag" title={`Dated ${duration(row.ahead)} after it arrived: the producer's clock is ahead`}>future</span>
  );
}
