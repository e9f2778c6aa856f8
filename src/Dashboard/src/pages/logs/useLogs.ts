import { useCallback, useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get } from '../../lib/api';
import { type LiveState, openLive } from '../../lib/live';
import { type Gap, reviveGap, reviveRow } from '../../lib/model';
import { type Range, rangeToQuery } from '../../lib/range';
import { emptyList, olderThan, type RowList, sizeOf, withFresh, withPast } from '../../lib/rows';
import type { WireLogs } from '../../lib/wire';

const PAGE = 500;
const SNAPSHOT = 200;

export interface Logs {
  list: RowList;
  gaps: Gap[];
  state: LiveState | 'paged';
  loading: boolean;
  error: ApiError | null;
  loadMore(): void;
  /** Forgets what is shown and reads it from the store. */
  reread(): void;
}

/** The rows of the list: a live tail or pages, and older pages behind either. */
export function useLogs(filters: string, range: Range, live: boolean): Logs {
  const query = [filters, rangeToQuery(range)].filter((part) => part !== '').join('&');
  const [list, setList] = useState(emptyList);
  const [gaps, setGaps] = useState<Gap[]>([]);
  const [state, setState] = useState<Logs['state']>('connecting');
  const [error, setError] = useState<ApiError | null>(null);
  const [loading, setLoading] = useState(false);
  const [version, setVersion] = useState(0);
  const shown = useRef({ query: '', lastId: null as string | null });
  const now = useRef(list);
  now.current = list;
  const pageInFlight = useRef<AbortController | null>(null);

  const page = useCallback(async (before: RowList) => {
    if (pageInFlight.current || before.cursor === null) {
      return;
    }
    const abort = new AbortController();
    pageInFlight.current = abort;
    setLoading(true);
    try {
      const answer = await get<WireLogs>(pagePath(filters, query, before), abort.signal);
      const { logs, next_cursor, gaps: found } = answer!.data;
      setList((l) => withPast(l, logs.map(reviveRow), next_cursor));
      setGaps(found.map(reviveGap));
      setError(null);
    } catch (failure) {
      if (!abort.signal.aborted) {
        setError(failure instanceof ApiError ? failure : new ApiError(-1, String(failure)));
      }
    } finally {
      if (pageInFlight.current === abort) {
        pageInFlight.current = null;
        setLoading(false);
      }
    }
  }, [filters, query]);

  useEffect(() => {
    const isNew = shown.current.query !== query;
    const start = isNew || (live && shown.current.lastId === null) ? emptyList() : now.current;
    if (start !== now.current) {
      pageInFlight.current?.abort();
      pageInFlight.current = null;
      shown.current = { query, lastId: null };
      setList(start);
      setGaps([]);
      setError(null);
    }
    if (!live) {
      setState('paged');
      if (sizeOf(start) === 0) {
        void page(start);
      }
      return;
    }
    const stream = openLive(`${query}&limit=${SNAPSHOT}`, shown.current.lastId, {
      rows: (rows) => setList((l) => withFresh(l, rows)),
      skipped: (count) => setList((l) => ({ ...l, skipped: l.skipped + count })),
      state: (now) => {
        setState(now);
        now === 'live' && setError(null);
      },
      broken: () => void why(query, setError),
    });
    return () => {
      const lastId = stream.close();
      if (shown.current.query === query) {
        shown.current.lastId = lastId;
      }
    };
  }, [query, live, version]);

  const loadMore = useCallback(() => {
    // A tail whose snapshot is not there yet has no oldest row to go on from.
    if (sizeOf(now.current) > 0) {
      void page(now.current);
    }
  }, [page]);
  const reread = useCallback(() => {
    shown.current = { query: '', lastId: null };
    setVersion((v) => v + 1);
  }, []);
  return { list, gaps, state, loading, error, loadMore, reread };
}

/** A stream that ends does not tell whether the collector is away or the question is wrong; the same question as a page does. */
async function why(query: string, tell: (error: ApiError | null) => void): Promise<void> {
  try {
    await get(`/api/logs?${query}&limit=1`, new AbortController().signal);
    tell(null);
  } catch (error) {
    tell(error instanceof ApiError ? error : null);
  }
}

function pagePath(filters: string, query: string, list: RowList): string {
  const limit = `limit=${sizeOf(list) === 0 ? SNAPSHOT : PAGE}`;
  if (typeof list.cursor === 'string') {
    return `/api/logs?${query}&${limit}&cursor=${encodeURIComponent(list.cursor)}`;
  }
  const to = olderThan(list);
  const from = query.split('&').find((part) => part.startsWith('from='));
  return to === null ? `/api/logs?${query}&${limit}`
    : `/api/logs?${[filters, from, `to=${encodeURIComponent(to)}`, limit].filter(Boolean).join('&')}`;
}
