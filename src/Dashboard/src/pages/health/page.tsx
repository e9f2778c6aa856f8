import { useFetch } from '../../lib/fetching';
import { bytes, compact, count, duration, span } from '../../lib/format';
import { reviveGap } from '../../lib/model';
import type { WireLedger, WireLogs, WireStatus, WireStorage } from '../../lib/wire';
import { Chart } from '../../parts/chart';
import { ErrorNote, GapNote } from '../../parts/notes';
import { type TileProps, Tiles } from '../../parts/tiles';
import { Access } from './access';
import { Door } from './door';
import { useHistory } from './history';
import { LedgerTable, Nameless } from './ledger';
import { Storage } from './storage';

export function HealthPage() {
  const status = useFetch<WireStatus>('/api/status', { every: () => 2_000 });
  const ledger = useFetch<WireLedger>('/api/ledger', { every: () => 2_000 });
  const storage = useFetch<WireStorage>('/api/storage', { every: () => 10_000 });
  // One row at most: only the markers of what is missing are wanted.
  const missing = useFetch<WireLogs>('/api/logs?from=7d&limit=1', { every: () => 30_000 });
  const history = useHistory(status.data);
  const gaps = missing.data?.gaps.map(reviveGap) ?? [];
  const now = Date.now() / 1000;
  const range: [number, number] = [Math.min(history.times[0] ?? now, now - 120), history.times.at(-1) ?? now];
  return (
    <div class="health">
      <ErrorNote error={status.error} what="The status" />
      {status.data && <Tiles tiles={tilesOf(status.data)} label="At this moment" />}
      <GapNote gaps={gaps} where="the last seven days" />
      <section class="card">
        <header><h2>Ledger</h2><span class="muted">Where every received row went, since the data folder was made</span></header>
        <ErrorNote error={ledger.error} what="The ledger" />
        {ledger.data && <LedgerTable ledger={ledger.data} />}
        {ledger.data && <Nameless ledger={ledger.data} />}
      </section>
      {ledger.data && <Door door={ledger.data.door} />}
      {status.data && <Access access={status.data.access} />}
      <div class="pair">
        <section class="card">
          <Chart title="Queue" kind="lines" height={120} format={compact} times={history.times} range={range} gaps={gaps}
            series={[{ label: 'waiting requests', color: '--c1', values: history.queue }]} summary={status.data ? `of ${count(status.data.queue.capacity)}` : ''} />
        </section>
        <section class="card">
          <Chart title="Acknowledgement" kind="lines" height={120} format={duration} times={history.times} range={range} gaps={gaps}
            series={[{ label: 'p50', color: '--c1', values: history.ackP50 }, { label: 'p99', color: '--c2', values: history.ackP99 }]} summary={status.data?.acknowledgement.count === 0 ? 'nothing was sent in the last five minutes' : 'of the last five minutes'} />
        </section>
      </div>
      <ErrorNote error={storage.error} what="The storage" />
      {storage.data && <Storage storage={storage.data} gaps={gaps} />}
    </div>
  );
}

function tilesOf(status: WireStatus): TileProps[] {
  const { writer, spool, queue, acknowledgement } = status;
  const isIll = !writer.alive || writer.store_failing;
  const isFull = queue.entries / queue.capacity > 0.75;
  return [
    {
      name: 'Collector',
      value: <span class="state" data-tone={isIll ? 'error' : status.ready ? undefined : 'warn'}><i class="dot" />{isIll ? 'Store failing' : status.ready ? 'Ready' : 'Not ready'}</span>,
      more: writer.failure ?? undefined,
      tone: isIll ? 'error' : undefined,
    },
    { name: 'Up for', value: span(status.uptime_seconds), more: status.version },
    { name: 'Queue', value: count(queue.entries), more: `of ${count(queue.capacity)}, ${bytes(queue.bytes)}`, tone: isFull ? 'warn' : undefined },
    { name: 'Acknowledged within', value: duration(acknowledgement.p50_ms), more: acknowledgement.count === 0 ? 'nothing lately' : `p99 ${duration(acknowledgement.p99_ms)}` },
    { name: 'Spool', value: bytes(spool.bytes), more: spool.behind ? 'behind' : `of ${bytes(spool.max_bytes)}`, tone: spool.bytes > 0 ? 'warn' : undefined },
    { name: 'Stored', value: compact(status.store.rows), more: `rows, ${bytes(status.store.bytes)}` },
  ];
}
