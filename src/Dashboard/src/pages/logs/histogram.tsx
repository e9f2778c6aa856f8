import { useEffect, useMemo } from 'preact/hooks';
import { useFetch } from '../../lib/fetching';
import { compact, count } from '../../lib/format';
import { LEVELS, reviveGap } from '../../lib/model';
import { fixedRange, isRelative, rangeToQuery } from '../../lib/range';
import { grid, spread, stack } from '../../lib/series';
import { nextLook, useStep } from '../../lib/step';
import { useView } from '../../lib/view';
import type { WireHistogram } from '../../lib/wire';
import { Chart } from '../../parts/chart';
import { ErrorNote, GapNote } from '../../parts/notes';

/** Errors lie at the bottom, where heights can be compared. */
const LAYERS = [...LEVELS].reverse();

export function Histogram({ filters }: { filters: string }) {
  const [{ range, live }, go] = useView();
  const question = [filters, rangeToQuery(range)].filter(Boolean).join('&');
  const [step, tellRows] = useStep(question, range);
  const path = `/api/logs/histogram?${[question, step].filter(Boolean).join('&')}`;
  const isMoving = live && isRelative(range);
  const { data, error, loading } = useFetch<WireHistogram>(path, { every: (h, tookMs) => (isMoving ? nextLook(h?.step_seconds ?? 0, tookMs) : null) });
  useEffect(() => {
    data && !loading && tellRows(data.buckets.reduce((sum, b) => sum + b.total, 0));
  }, [data, loading]);
  const shown = useMemo(() => data && read(data), [data]);
  return (
    <>
      <ErrorNote error={error} what="The histogram" />
      {!shown && !error && <div class="chart-wait" />}
      {shown && (
        <>
          <Chart
            title="Rows" kind="bars" height={112} format={compact} times={shown.times} series={shown.series} drawn={shown.drawn}
            range={shown.range} gaps={shown.gaps} isHinted summary={shown.summary} onBrush={(a, b) => go({ range: fixedRange(a, b) }, 'push')}
          />
          <GapNote gaps={shown.gaps} />
        </>
      )}
    </>
  );
}

function read(data: WireHistogram) {
  const [from, to] = [Date.parse(data.from), Date.parse(data.to)];
  const times = grid(from, to, data.step_seconds);
  const layers = LAYERS.map((level) => spread(times, data.buckets, (b) => b[level], 0));
  // Painted from the tallest sum down.
  const series = LAYERS.map((level, i) => ({ label: level, color: `--${level}`, values: layers[i]! })).reverse();
  const total = data.buckets.reduce((sum, b) => sum + b.total, 0);
  const errors = data.buckets.reduce((sum, b) => sum + b.error, 0);
  return {
    times,
    series,
    drawn: stack(layers),
    range: [from / 1000, to / 1000] as [number, number],
    gaps: data.gaps.map(reviveGap),
    summary: `${count(total)} ${total === 1 ? 'row' : 'rows'}, ${count(errors)} ${errors === 1 ? 'error' : 'errors'}`,
  };
}
