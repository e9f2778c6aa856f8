import { LEVELS, reviveGap } from '../../lib/model';
import { grid, spread, stack } from '../../lib/series';
import type { Figures, Step, WireMetrics, WorkerSeries } from '../../lib/wire';
import type { ChartSeries } from '../../parts/chart';

/** Lines that an eye can still tell apart. */
const MOST_LINES = 6;
export type Percentile = 'p50' | 'p95' | 'p99';

export const percentileOf = (figures: Figures, percentile: Percentile): number | null => figures[`${percentile}_ms`];

export interface Frame {
  times: number[];
  range: [number, number];
  seconds: number;
}

export function frameOf(data: WireMetrics): Frame {
  const [from, to] = [Date.parse(data.from), Date.parse(data.to)];
  return { times: grid(from, to, data.step_seconds), range: [from / 1000, to / 1000], seconds: (to - from) / 1000 };
}

export const gapsOf = (data: WireMetrics) => data.gaps.map(reviveGap);

/** Rows a second by level, errors at the bottom. The last step is still filling, so it counts by the time that it has had. */
export function ratesByLevel(data: WireMetrics, { times, range }: Frame) {
  const layers = [...LEVELS].reverse().map((level) => ({
    level,
    values: spread(times, data.total.steps, (step: Step) => step.levels[level], 0).map((n, i) => n / lengthOf(times[i]!, data.step_seconds, range)),
  }));
  const drawn = stack(layers.map((layer) => layer.values));
  const series: ChartSeries[] = layers.map(({ level, values }) => ({ label: level, color: `--${level}`, values })).reverse();
  return { series, drawn };
}

function lengthOf(start: number, step: number, [from, to]: [number, number]): number {
  return Math.max(1, Math.min(start + step, to) - Math.max(start, from));
}

export function errorRates(data: WireMetrics, { times }: Frame): ChartSeries[] {
  return [{ label: 'error rate', color: '--error', values: spread<Step, number | null>(times, data.total.steps, (step) => step.error_rate, null) }];
}

/** The workers' lines of one percentile, or all percentiles of the one worker in focus. */
export function latencies(data: WireMetrics, { times }: Frame, focus: string | null, percentile: Percentile): ChartSeries[] {
  const worker = data.workers.find((w) => w.worker_name === focus);
  if (worker) {
    return (['p50', 'p95', 'p99'] as const).map((p, i) => line(p, i, times, worker.steps, p));
  }
  // Those with the most to show, by name, so that each keeps its colour from one answer to the next.
  const shown = data.workers.filter((w) => w.latency_count > 0).sort((a, b) => b.latency_count - a.latency_count).slice(0, MOST_LINES)
    .sort((a, b) => (a.worker_name < b.worker_name ? -1 : 1));
  return shown.map((w, i) => line(w.worker_name, i, times, w.steps, percentile));
}

const line = (label: string, i: number, times: number[], steps: Step[], p: Percentile): ChartSeries =>
  ({ label, color: `--c${i + 1}`, values: spread<Step, number | null>(times, steps, (step) => percentileOf(step, p), null) });

const MOST_ROWS = 8;

export const slowest = (workers: WorkerSeries[]): WorkerSeries[] =>
  workers.filter((w) => w.p95_ms !== null).sort((a, b) => b.p95_ms! - a.p95_ms!).slice(0, MOST_ROWS);

export const mostFailing = (workers: WorkerSeries[]): WorkerSeries[] =>
  workers.filter((w) => w.error_count > 0).sort((a, b) => b.error_rate - a.error_rate || b.error_count - a.error_count).slice(0, MOST_ROWS);
