import { useState } from 'preact/hooks';
import { bounds, type Range } from './range';

/** Minutes are counted as rows come in; finer steps are counted row by row whenever somebody asks. */
const COUNTED_STEP = 'step=60s';
/** Rows that are counted one by one within some 0.3 s. */
const MOST_ROWS = 150_000;
/** Shorter ones show too little in steps of a minute, longer ones have these anyway. */
const SHORTEST_MS = 15 * 60_000;
const LONGEST_MS = 60 * 60_000;

const SOONEST_MS = 5_000;
/** What takes the collector long is asked less often: the charts of one page keep it busy for a few percent of the time at most. */
const MOST_BUSY = 1 / 20;

/** When figures of a range that ends now are asked for again. */
export const nextLook = (stepSeconds: number, tookMs: number): number => Math.max(SOONEST_MS, stepSeconds * 500, tookMs / MOST_BUSY);

/** The step to ask for: a minute until it is known that the rows are few, then what the API chooses. */
export function stepFor(range: Range, rows: number | null): string {
  const [from, to] = bounds(range, Date.now());
  const isBetween = to - from >= SHORTEST_MS && to - from < LONGEST_MS;
  return isBetween && (rows === null || rows > MOST_ROWS) ? COUNTED_STEP : '';
}

/** The same for a page; `tell` says how many rows the answer to a question was about. */
export function useStep(question: string, range: Range): [step: string, tell: (rows: number) => void] {
  const [known, setKnown] = useState<{ question: string; rows: number } | null>(null);
  return [stepFor(range, known?.question === question ? known.rows : null), (rows) => setKnown({ question, rows })];
}
