import uPlot from 'uplot';
import { day } from '../lib/format';
import type { Gap } from '../lib/model';
import type { ChartProps } from './chart';

/** A colour of the theme that is in force when it is asked for, so that a redraw is all that a new theme needs. */
export const color = (el: Element, name: string): string => getComputedStyle(el).getPropertyValue(name).trim();

export function axes(el: HTMLElement, format: (value: number) => string): uPlot.Axis[] {
  const common: Partial<uPlot.Axis> = {
    stroke: () => color(el, '--muted'),
    font: '11px system-ui, sans-serif',
    ticks: { show: false },
  };
  return [
    { ...common, grid: { show: false }, size: 24, gap: 8, space: 70, values: (_u, splits, _i, _s, incr) => splits.map((s) => timeLabel(s, incr)) },
    {
      ...common,
      size: 52,
      gap: 4,
      space: 32,
      grid: { stroke: () => color(el, '--line-soft'), width: 1 },
      values: (_u, splits) => splits.map((s) => format(s)),
    },
  ];
}

function timeLabel(seconds: number, incr: number): string {
  const date = new Date(seconds * 1000);
  const pad = (n: number) => String(n).padStart(2, '0');
  if (incr >= 86400 || (date.getHours() === 0 && date.getMinutes() === 0 && incr >= 60)) {
    return day(date.getTime()).slice(5);
  }
  const minutes = `${pad(date.getHours())}:${pad(date.getMinutes())}`;
  return incr >= 60 ? minutes : `${minutes}:${pad(date.getSeconds())}`;
}

export function seriesOf(el: HTMLElement, props: ChartProps): uPlot.Series[] {
  const bars = uPlot.paths.bars!({ size: [0.86, 200], align: 1 });
  return props.series.map((s): uPlot.Series =>
    props.kind === 'bars'
      ? { label: s.label, paths: bars, fill: () => color(el, s.color), width: 0, points: { show: false } }
      : { label: s.label, stroke: () => color(el, s.color), width: 1.5, spanGaps: false, points: { show: isLonely, size: 4, fill: () => color(el, s.color) } });
}

/** A value between two missing ones has no line; it gets a point. Many values have points only then. */
function isLonely(u: uPlot, seriesIdx: number, i0: number, i1: number): boolean {
  const values = u.data[seriesIdx]!;
  for (let i = i0; i <= i1; i++) {
    if (values[i] != null && values[i - 1] == null && values[i + 1] == null) {
      return true;
    }
  }
  return false;
}

/** Where rows are missing: a band over the whole height, so that no empty stretch there is taken for quiet. */
export function drawGaps(u: uPlot, gaps: Gap[], el: HTMLElement): void {
  const { ctx, bbox } = u;
  ctx.save();
  ctx.fillStyle = color(el, '--error');
  for (const gap of gaps) {
    const from = Math.max(u.valToPos(gap.from / 1000, 'x', true), bbox.left);
    const to = Math.min(u.valToPos(gap.to / 1000, 'x', true), bbox.left + bbox.width);
    if (to < bbox.left || from > bbox.left + bbox.width) {
      continue;
    }
    const width = Math.max(to - from, 3 * devicePixelRatio);
    ctx.globalAlpha = 0.16;
    ctx.fillRect(from, bbox.top, width, bbox.height);
    ctx.globalAlpha = 1;
    ctx.fillRect(from, bbox.top, width, 3 * devicePixelRatio);
  }
  ctx.restore();
}
