/** Regular steps for the charts out of the non-empty ones that the API sends. Times in seconds, as uPlot has them. */
export function grid(fromMs: number, toMs: number, stepSeconds: number): number[] {
  const first = Math.floor(fromMs / 1000 / stepSeconds) * stepSeconds;
  const times: number[] = [];
  for (let t = first; t < toMs / 1000; t += stepSeconds) {
    times.push(t);
  }
  return times;
}

/** What each step has, and `empty` for the steps that the API left out. */
export function spread<T extends { time: string }, V>(times: number[], steps: T[], value: (step: T) => V, empty: V): V[] {
  const values = new Array<V>(times.length).fill(empty);
  const width = times.length > 1 ? times[1]! - times[0]! : 1;
  for (const step of steps) {
    const at = Math.round((Date.parse(step.time) / 1000 - times[0]!) / width);
    if (at >= 0 && at < times.length) {
      values[at] = value(step);
    }
  }
  return values;
}

/** Each list is drawn on top of those before it: sums, the tallest first, as painting needs them. */
export function stack(layers: number[][]): number[][] {
  const sums: number[][] = [];
  let below: number[] | undefined;
  for (const layer of layers) {
    below = layer.map((n, i) => n + (below?.[i] ?? 0));
    sums.unshift(below);
  }
  return sums;
}
