import type { ComponentChildren } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import type { Gap } from '../lib/model';
import { plain } from '../lib/safe';
import { axes, drawGaps, seriesOf } from './chartStyle';
import { SafeText } from './text';

export interface ChartSeries {
  label: string;
  /** Name of a CSS variable. */
  color: string;
  /** What the legend says of a step; the drawn value, where bars are stacked, is a sum. */
  values: (number | null)[];
}

export interface ChartProps {
  title: string;
  times: number[];
  series: ChartSeries[];
  /** Drawn values, in the order of `series`; the same where nothing is stacked. */
  drawn?: (number | null)[][];
  kind: 'bars' | 'lines';
  format: (value: number) => string;
  gaps?: Gap[];
  /** Shown range in seconds. */
  range: [number, number];
  height?: number;
  onBrush?: (fromMs: number, toMs: number) => void;
  summary?: string;
  /** One chart of a page says that it can be zoomed. */
  isHinted?: boolean;
  tools?: ComponentChildren;
}

/** A uPlot that is made once for its series and told what has changed. */
export function Chart(props: ChartProps) {
  const host = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(props);
  latest.current = props;
  const [at, setAt] = useState<number | null>(null);
  const signature = props.kind + props.series.map((s) => s.label + s.color).join('|');

  useLayoutEffect(() => {
    const el = host.current!;
    const made = create(el, latest, setAt);
    plot.current = made;
    const size = () => made.setSize({ width: el.clientWidth, height: latest.current.height ?? 150 });
    const observer = new ResizeObserver(size);
    observer.observe(el);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    const redraw = () => made.redraw();
    scheme.addEventListener('change', redraw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', redraw);
      made.destroy();
    };
  }, [signature]);
  useEffect(() => {
    plot.current?.setData(dataOf(props), false);
    plot.current?.batch(() => {
      plot.current!.setScale('x', { min: props.range[0], max: props.range[1] });
    });
  }, [props.times, props.series, props.drawn, props.range[0], props.range[1], props.gaps, signature]);

  return (
    <figure class="chart">
      <figcaption>
        <span class="chart-title"><SafeText text={props.title} /></span>
        {props.tools}
        <Legend {...props} at={at} />
      </figcaption>
      <div ref={host} class="chart-plot" role="img" aria-label={plain(`${props.title}. ${props.summary ?? ''}`)} />
    </figure>
  );
}

function Legend({ series, format, summary, isHinted, at }: ChartProps & { at: number | null }) {
  return (
    <span class="legend">
      {at === null && summary && <span>{summary}{isHinted && <span class="chart-hint">, drag to zoom</span>}</span>}
      {series.map((s) => {
        const value = at === null ? null : s.values[at];
        return (
          <span key={s.label} class="legend-item">
            <i class="swatch" style={{ background: `var(${s.color})` }} />
            <SafeText text={s.label} />
            {at !== null && <b>{value === null || value === undefined ? '–' : format(value)}</b>}
          </span>
        );
      })}
    </span>
  );
}

const dataOf = (props: ChartProps): uPlot.AlignedData =>
  [props.times, ...(props.drawn ?? props.series.map((s) => s.values))] as uPlot.AlignedData;

function create(el: HTMLElement, latest: { current: ChartProps }, setAt: (at: number | null) => void): uPlot {
  const props = latest.current;
  return new uPlot(
    {
      width: el.clientWidth || 300,
      height: props.height ?? 150,
      legend: { show: false },
      padding: [8, 28, 0, 0],
      cursor: {
        sync: { key: 'time', setSeries: false },
        drag: { x: props.onBrush !== undefined, y: false, setScale: false },
        points: { show: props.kind === 'lines', size: 6 },
        y: false,
      },
      scales: {
        x: { time: true, auto: false, min: props.range[0], max: props.range[1] },
        y: { range: (_u, _min, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: axes(el, (value) => latest.current.format(value)),
      series: [{}, ...seriesOf(el, props)],
      hooks: {
        setCursor: [(u) => setAt(u.cursor.idx ?? null)],
        setSelect: [(u) => {
          if (u.select.width > 3) {
            latest.current.onBrush?.(u.posToVal(u.select.left, 'x') * 1000, u.posToVal(u.select.left + u.select.width, 'x') * 1000);
          }
          u.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        }],
        draw: [(u) => drawGaps(u, latest.current.gaps ?? [], el)],
      },
    },
    dataOf(props),
    el,
  );
}
