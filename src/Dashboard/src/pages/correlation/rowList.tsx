import { count, duration } from '../../lib/format';
import { between, type Row } from '../../lib/model';
import { useView } from '../../lib/view';
import type { Waterfall } from '../../lib/waterfall';
import { LogRow } from '../../parts/logRow';
import { VirtualList } from '../../parts/virtual';

export interface RowListProps {
  rows: Row[];
  waterfall: Waterfall;
  selected: number;
  selectedKey: string | null;
  onOpen: (row: Row) => void;
  isNarrow: boolean;
  total: number;
}

/** All rows in time order, or those in the waterfall's window; times count from the start of the request. */
export function RowList({ rows, waterfall, selected, selectedKey, onOpen, isNarrow, total }: RowListProps) {
  const [, go] = useView();
  return (
    <>
      <div class="list-head in-page">
        <b>Rows</b>
        <span class="muted">{rows.length === total ? count(total) : `${count(rows.length)} of ${count(total)} in the window`}</span>
        {rows.length !== total && <button type="button" class="link" onClick={() => go({ zoom: null }, 'push')}>Show all</button>}
      </div>
      <VirtualList
        id="rows" label="Rows, oldest first" class="log-list" count={rows.length} rowHeight={isNarrow ? 46 : 25} selected={selected} selectedKey={selectedKey}
        render={(i) => {
          const row = rows[i]!;
          return <LogRow key={row.id} row={row} id={`rows-${i}`} selected={i === selected} time={`+${duration(between(waterfall.start, row.time))}`} onOpen={onOpen} />;
        }}
      />
    </>
  );
}
