import { count, duration, percent } from '../../lib/format';
import { plain } from '../../lib/safe';
import { openPage, writeView } from '../../lib/url';
import { useView } from '../../lib/view';
import type { WorkerSeries } from '../../lib/wire';
import { SafeText } from '../../parts/text';
import { Meter } from '../../parts/tiles';
import { mostFailing, slowest } from './read';

export function Slow({ workers }: { workers: WorkerSeries[] }) {
  const rows = slowest(workers);
  const most = rows[0]?.p95_ms ?? 1;
  return (
    <section class="card">
      <h2>Slowest workers</h2>
      {rows.length === 0 ? <p class="muted">Nothing in this range has a duration.</p> : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Slowest workers">
          <table>
            <thead><tr><th scope="col">Worker</th><th scope="col"><span class="offscreen">Share of the slowest</span></th><th scope="col">p50</th><th scope="col">p95</th><th scope="col">p99</th></tr></thead>
            <tbody>
              {rows.map((w) => (
                <tr key={w.worker_name}>
                  <td><Pick worker={w.worker_name} /></td>
                  <td class="meter-cell"><Meter share={w.p95_ms! / (most || 1)} /></td>
                  <td>{duration(w.p50_ms)}</td><td><b>{duration(w.p95_ms)}</b></td><td>{duration(w.p99_ms)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

export function Failing({ workers }: { workers: WorkerSeries[] }) {
  const [view, go] = useView();
  const rows = mostFailing(workers);
  const most = rows[0]?.error_rate ?? 1;
  return (
    <section class="card">
      <h2>Most failing workers</h2>
      {rows.length === 0 ? <p class="muted">No errors in this range.</p> : (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Most failing workers">
          <table>
            <thead><tr><th scope="col">Worker</th><th scope="col"><span class="offscreen">Share of the most failing</span></th><th scope="col">Failing</th><th scope="col">Errors</th></tr></thead>
            <tbody>
              {rows.map((w) => {
                const errors = openPage('logs', view, { filters: [{ name: 'worker', op: '=', value: w.worker_name }, { name: 'level', op: '=', value: 'error' }] });
                return (
                  <tr key={w.worker_name}>
                    <td><Pick worker={w.worker_name} /></td>
                    <td class="meter-cell"><Meter share={w.error_rate / (most || 1)} tone="error" /></td>
                    <td><b>{percent(w.error_rate)}</b></td>
                    <td><a href={writeView(errors)} aria-label={plain(`${count(w.error_count)} errors of ${w.worker_name}`)} onClick={(e) => (e.preventDefault(), go(() => errors, 'push'))}>{count(w.error_count)}</a></td>
                  </tr>
                );
              })}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}

/** A worker's name: puts it into the focus of the percentile chart. */
function Pick({ worker }: { worker: string }) {
  const [{ focus }, go] = useView();
  return (
    <button type="button" class="pick" aria-pressed={focus === worker} title="Show its percentiles" onClick={() => go({ focus: focus === worker ? null : worker }, 'push')}>
      <SafeText text={worker} />
    </button>
  );
}
