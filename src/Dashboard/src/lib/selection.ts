import { useState } from 'preact/hooks';
import { useListKeys } from './keys';
import type { Row } from './model';
import { useView } from './view';

export interface Selectable {
  size: number;
  at: (index: number) => Row | undefined;
  /** -1 where it is not there. */
  indexOf: (id: string | null) => number;
}

/** The row that keys have moved to, or whose details are open: the latter is in the address. */
export function useSelection(list: Selectable) {
  const [view, go] = useView();
  const [cursor, setCursor] = useState<string | null>(null);
  const selectedId = view.row ?? cursor;
  const selected = list.indexOf(selectedId);
  const open = (row: Row) => {
    setCursor(row.id);
    go({ row: row.id, rowAt: row.wire.timestamp }, view.row === null ? 'push' : 'replace');
  };
  const close = () => go({ row: null }, 'replace');
  useListKeys({
    move: (by) => {
      const row = list.at(Math.max(0, Math.min(list.size - 1, selected < 0 ? 0 : selected + by)));
      if (row) {
        setCursor(row.id);
        view.row !== null && go({ row: row.id, rowAt: row.wire.timestamp }, 'replace');
      }
    },
    open: () => {
      const row = selected < 0 ? undefined : list.at(selected);
      row && open(row);
    },
    close,
  });
  return { selectedId, selected, open, close };
}
