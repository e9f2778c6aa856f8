import { useEffect, useRef } from 'preact/hooks';
import { useFetch } from '../../lib/fetching';
import { filterToQuery, withFilter } from '../../lib/filters';
import { count } from '../../lib/format';
import { useMedia } from '../../lib/keys';
import { reviveRow, type Row } from '../../lib/model';
import { isRelative } from '../../lib/range';
import { cameIn, indexOfRow, nextNano, rowAt, sizeOf } from '../../lib/rows';
import { useSelection } from '../../lib/selection';
import { useView } from '../../lib/view';
import type { WireLogs } from '../../lib/wire';
import { Details } from '../../parts/details';
import { Icon } from '../../parts/icon';
import { LogRow } from '../../parts/logRow';
import { Empty, ErrorNote, NoRowsInRange } from '../../parts/notes';
import { VirtualList } from '../../parts/virtual';
import { FilterBar } from './filterBar';
import { Histogram } from './histogram';
import { type Logs, useLogs } from './useLogs';

/** How many pages are searched for the row that a link names. */
const SEARCHED_PAGES = 10;

export function LogsPage() {
  const [view, go] = useView();
  const filters = view.filters.map(filterToQuery).join('&');
  const isLive = view.live && isRelative(view.range);
  const logs = useLogs(filters, view.range, isLive);
  const { list, loadMore } = logs;
  const isNarrow = useMedia('(max-width: 720px)');
  const { selectedId, selected, open, close } = useSelection({ size: sizeOf(list), at: (i) => rowAt(list, i), indexOf: (id) => indexOfRow(list, id) });
  const opened = useOpened(view.row === null ? undefined : rowAt(list, indexOfRow(list, view.row)));
  useSearchFor(view.row, selected, logs);

  const onFilter = (name: string, value: string) =>
    go((v) => ({ ...v, filters: withFilter(v.filters, { name, op: '=', value }), row: null }), 'push');
  return (
    <div class={`logs-page ${opened ? 'has-details' : ''}`}>
      <div class="logs-top">
        <FilterBar />
        <Histogram filters={filters} />
        <ErrorNote error={logs.error} what="The rows" />
        <ListHead logs={logs} isLive={isLive} />
      </div>
      <div class="logs-main">
        {sizeOf(list) === 0 && !logs.loading && (logs.state === 'live' || logs.state === 'paged')
          ? <Nothing />
          : (
            <VirtualList
              id="logs" label="Rows, newest first" class="log-list" count={sizeOf(list)} rowHeight={isNarrow ? 46 : 25} selected={selected}
              selectedKey={selectedId} added={list.added} onEnd={loadMore}
              render={(i) => {
                const row = rowAt(list, i);
                return <LogRow key={row?.id ?? i} row={row} id={`logs-${i}`} selected={i === selected} onOpen={open} />;
              }}
            />
          )}
        {opened && <Details row={opened} onFilter={onFilter} onClose={close} showCorrelation />}
      </div>
    </div>
  );
}

/** The row that the address names: out of the list, or, where it is not or no longer there, as it was, or by its time. */
function useOpened(listed: Row | undefined): Row | undefined {
  const [{ row, rowAt: at }] = useView();
  const last = useRef<Row | undefined>(undefined);
  if (listed) {
    last.current = listed;
  }
  const kept = row !== null && last.current?.id === row ? last.current : undefined;
  const isAsked = row !== null && at !== null && !kept;
  const { data } = useFetch<WireLogs>(isAsked ? `/api/logs?from=${encodeURIComponent(at)}&to=${encodeURIComponent(nextNano(at))}&limit=1000` : null);
  const wire = isAsked ? data?.logs.find((found) => found.log_id === row) : undefined;
  if (wire) {
    last.current = reviveRow(wire);
    return last.current;
  }
  return kept;
}

/** Pages on until the row of a link is there. */
function useSearchFor(row: string | null, index: number, { list, loadMore, loading }: Logs): void {
  const searched = useRef({ row, pages: 0 });
  useEffect(() => {
    if (searched.current.row !== row) {
      searched.current = { row, pages: 0 };
    }
    if (row !== null && index < 0 && !loading && sizeOf(list) > 0 && list.cursor !== null && searched.current.pages < SEARCHED_PAGES) {
      searched.current.pages++;
      loadMore();
    }
  }, [row, index, loading, list]);
}

function ListHead({ logs, isLive }: { logs: Logs; isLive: boolean }) {
  const [view, go] = useView();
  const { list, state } = logs;
  const canBeLive = isRelative(view.range);
  const states: Record<Logs['state'], string> = { live: 'Live', connecting: 'Connecting', away: 'Reconnecting', paged: canBeLive ? 'Paused' : 'Fixed range' };
  return (
    <div class="list-head">
      <button
        type="button" class="live-button" aria-pressed={isLive} data-state={state}
        onClick={() => go(canBeLive ? { live: !view.live } : { range: { from: '15m', to: null }, live: true }, canBeLive ? 'replace' : 'push')}
      >
        <Icon name={isLive ? 'pause' : 'play'} />{isLive ? 'Pause' : 'Go live'}
      </button>
      <span class="list-state" data-state={state}><i class="dot" />{states[state]}</span>
      <span class="muted" data-testid="loaded">{count(sizeOf(list))} loaded{logs.loading ? ' …' : ''}</span>
      <span class="muted" data-testid="came-in" data-count={cameIn(list)}>{cameIn(list) > list.fresh.length && `${count(cameIn(list))} came in`}</span>
      {list.skipped > 0 && (
        <span class="skipped">
          {count(list.skipped)} came too fast to list
          <button type="button" class="link" onClick={() => (go({ live: false, row: null }, 'replace'), logs.reread())}>Pause and list all</button>
        </span>
      )}
      <span class="keys muted" aria-hidden="true"><kbd>j</kbd><kbd>k</kbd> move <kbd>enter</kbd> open <kbd>/</kbd> search <kbd>esc</kbd> close</span>
    </div>
  );
}

function Nothing() {
  const [view, go] = useView();
  return view.filters.length > 0
    ? <Empty title="No row matches"><p>Nothing in this range has all of these. <button type="button" class="link" onClick={() => go({ filters: [] }, 'push')}>Clear the filters</button> or take a longer range.</p></Empty>
    : <NoRowsInRange range={view.range} />;
}
