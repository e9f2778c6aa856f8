import { useEffect, useMemo } from 'preact/hooks';
import { useFetch } from '../../lib/fetching';
import { compact, count, duration, percent } from '../../lib/format';
import { fixedRange, isRelative, rangeToQuery } from '../../lib/range';
import { nextLook, useStep } from '../../lib/step';
import { useView } from '../../lib/view';
import type { WireMetrics } from '../../lib/wire';
import { Chart } from '../../parts/chart';
import { ErrorNote, GapNote, NoRowsInRange } from '../../parts/notes';
import { type TileProps, Tiles } from '../../parts/tiles';
import { errorRates, frameOf, gapsOf, latencies, type Percentile, ratesByLevel } from './read';
import { Failing, Slow } from './tables';

export function OverviewPage() {
  const [{ range }] = useView();
  const question = rangeToQuery(range);
  const [step, tellRows] = useStep(question, range);
  const query = [question, step].filter(Boolean).join('&');
  // Who sees nothing waits for the first row.
  const every = (data: WireMetrics | null, tookMs: number) =>
    (!isRelative(range) ? null : data?.total.count === 0 ? 2_000 : nextLook(data?.step_seconds ?? 0, tookMs));
  const all = useFetch<WireMetrics>(`/api/metrics?${query}`, { every });
  const requests = useFetch<WireMetrics>(`/api/metrics?${query}&kind=request`, { every });
  useEffect(() => {
    all.data && !all.loading && tellRows(all.data.total.count);
  }, [all.data, all.loading]);
  if (!all.data || !requests.data) {
    return (
      <div class="overview">
        <ErrorNote error={all.error ?? requests.error} what="The figures" />
        {(all.loading || requests.loading) && <p class="loading muted" role="status">Reading …</p>}
      </div>
    );
  }
  return (
    <div class="overview" data-stale={all.loading}>
      <ErrorNote error={all.error ?? requests.error} what="The figures" />
      {all.data.total.count === 0 && all.data.gaps.length === 0
        ? <NoRowsInRange range={range} />
        // Whoever sends no requests still has logs that fail.
        : <Figures all={all.data} served={requests.data.total.count > 0 ? requests.data : all.data} isRequests={requests.data.total.count > 0} />}
    </div>
  );
}

function Figures({ all, served, isRequests }: { all: WireMetrics; served: WireMetrics; isRequests: boolean }) {
  const [{ focus, percentile }, go] = useView();
  const frame = useMemo(() => frameOf(all), [all]);
  const servedFrame = useMemo(() => frameOf(served), [served]);
  const rates = useMemo(() => ratesByLevel(all, frame), [all]);
  const errors = useMemo(() => errorRates(served, servedFrame), [served]);
  const lines = useMemo(() => latencies(served, servedFrame, focus, percentile), [served, focus, percentile]);
  const gaps = useMemo(() => gapsOf(all), [all]);
  const brush = (a: number, b: number) => go({ range: fixedRange(a, b) }, 'push');
  const { total } = served;
  const noun = isRequests ? 'requests' : 'rows';
  const tiles: TileProps[] = [
    { name: 'Records', value: rate(all.total.count / frame.seconds), more: `${compact(all.total.count)} in all` },
    { name: isRequests ? 'Requests' : 'Errors', value: isRequests ? rate(total.count / frame.seconds) : count(total.error_count), more: isRequests ? `${compact(total.count)} in all` : undefined },
    { name: `Failing ${noun}`, value: percent(total.error_rate), more: `${count(total.error_count)} of ${compact(total.count)}`, tone: total.error_rate >= 0.05 ? 'error' : undefined },
    { name: 'p50', value: duration(total.p50_ms) },
    { name: 'p95', value: duration(total.p95_ms) },
    { name: 'p99', value: duration(total.p99_ms), more: total.max_ms === null ? undefined : `max ${duration(total.max_ms)}` },
  ];
  return (
    <>
      <Tiles tiles={tiles} label="Over the whole range" />
      <GapNote gaps={gaps} />
      <section class="card">
        <Chart title="Records a second" kind="bars" height={168} format={compact} times={frame.times} series={rates.series} drawn={rates.drawn}
          range={frame.range} gaps={gaps} onBrush={brush} isHinted summary={`${compact(all.total.count)} records`} />
      </section>
      <div class="pair">
        <section class="card">
          <Chart title={`Share of failing ${noun}`} kind="lines" format={percent} times={servedFrame.times} series={errors} range={frame.range} gaps={gaps} onBrush={brush}
            summary={`${percent(total.error_rate)} over the range`} />
        </section>
        <section class="card">
          {lines.length === 0 ? <><h2>Duration by worker</h2><p class="muted">Nothing in this range has a duration.</p></> : <Chart title={focus ? `How long ${focus} takes` : 'Duration by worker'} tools={<LatencyChoice />} kind="lines" format={duration} times={servedFrame.times} series={lines}
            range={frame.range} gaps={gaps} onBrush={brush} />}
        </section>
      </div>
      <div class="pair">
        <Slow workers={served.workers} />
        <Failing workers={served.workers} />
      </div>
    </>
  );
}

function LatencyChoice() {
  const [{ focus, percentile }, go] = useView();
  if (focus) {
    return <button type="button" class="link" onClick={() => go({ focus: null }, 'push')}>All workers</button>;
  }
  return (
    <div class="segmented" role="group" aria-label="Percentile">
      {(['p50', 'p95', 'p99'] satisfies Percentile[]).map((p) => (
        <button key={p} type="button" aria-pressed={p === percentile} onClick={() => go({ percentile: p }, 'replace')}>{p}</button>
      ))}
    </div>
  );
}

const rate = (perSecond: number) => <>{compact(perSecond)}<small>/s</small></>;
