const COLORS = 6;

/** One colour a worker, by its place among those of the correlation, so that neighbours differ. */
export function workerColor(worker: string, workers: string[]): string {
  return `var(--c${(Math.max(0, workers.indexOf(worker)) % COLORS) + 1})`;
}
