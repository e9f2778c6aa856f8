import { expect, it } from 'vitest';
import type { WireMetrics, WorkerSeries } from '../src/lib/wire';
import { latencies } from '../src/pages/overview/read';

const worker = (worker_name: string, latency_count: number) => ({ worker_name, latency_count, steps: [] }) as unknown as WorkerSeries;
const linesOf = (...workers: WorkerSeries[]) => latencies({ workers } as WireMetrics, { times: [0], range: [0, 1], seconds: 1 }, null, 'p95').map((line) => line.label + line.color);

it('A worker keeps its colour whatever order the workers come in', () => {
  const [a, b, c] = [worker('a', 5), worker('b', 7), worker('c', 6)];
  expect(linesOf(a, b, c)).toEqual(linesOf(c, a, b));
});

it('The lines are those of the workers with the most requests, and of none without a duration', () => {
  const lines = linesOf(...Array.from({ length: 9 }, (_, i) => worker(`w${i}`, i)));
  expect(lines.map((line) => line.slice(0, 2))).toEqual(['w3', 'w4', 'w5', 'w6', 'w7', 'w8']);
});
