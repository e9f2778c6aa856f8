import { useEffect, useRef, useState } from 'preact/hooks';
import { ApiError, get, onReach } from './api';

export interface Fetched<T> {
  /** The last good answer to this question; stays while a newer one is awaited or fails. */
  data: T | null;
  error: ApiError | null;
  loading: boolean;
}

export interface Polling<T> {
  /** How long to wait before asking again, by what was answered and how long that took; null: not. */
  every: (data: T | null, tookMs: number) => number | null;
}

const AWAY_MS = 2000;

/**
 * Asks, and asks again as `every` says: never while the page is hidden, at once when it is seen again, and soon while
 * the collector is away. A changed path aborts what is under way; what is shown stays until the new answer is there.
 */
export function useFetch<T>(path: string | null, { every }: Polling<T> = { every: () => null }): Fetched<T> {
  const [state, setState] = useState<Fetched<T> & { path: string | null }>({ data: null, error: null, loading: true, path });
  const interval = useRef(every);
  interval.current = every;
  useEffect(() => {
    if (path === null) {
      setState({ data: null, error: null, loading: false, path });
      return;
    }
    return poll<T>(path, (data, tookMs) => interval.current(data, tookMs), (next) => setState((before) => ({ ...before, ...next, path })));
  }, [path]);
  return state.path === path ? state : { ...state, loading: true };
}

function poll<T>(path: string, every: Polling<T>['every'], tell: (next: Partial<Fetched<T>>) => void): () => void {
  const abort = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let etag: string | null = null;
  let last: T | null = null;
  let due = false;

  const ask = async () => {
    due = false;
    let wait: number | null;
    const asked = performance.now();
    try {
      const answer: { data: T; etag: string | null } | null = await get<T>(path, abort.signal, etag);
      if (answer) {
        ({ data: last, etag } = answer);
        tell({ data: last, error: null, loading: false });
      } else {
        tell({ error: null, loading: false });
      }
      wait = every(last, performance.now() - asked);
    } catch (error) {
      if (abort.signal.aborted) {
        return;
      }
      const known = error instanceof ApiError ? error : new ApiError(-1, String(error));
      tell({ error: known, loading: false });
      wait = known.isAway || known.status === 503 ? AWAY_MS : every(last, performance.now() - asked);
    }
    if (wait !== null && !abort.signal.aborted) {
      timer = setTimeout(next, wait);
    }
  };
  const next = () => {
    due = true;
    if (!document.hidden) {
      void ask();
    }
  };
  const onVisible = () => !document.hidden && due && void ask();
  document.addEventListener('visibilitychange', onVisible);
  const stopListening = onReach((isReached) => {
    if (isReached && timer !== undefined) {
      clearTimeout(timer);
      timer = setTimeout(next, 0);
    }
  });
  void ask();
  return () => {
    abort.abort();
    clearTimeout(timer);
    stopListening();
    document.removeEventListener('visibilitychange', onVisible);
  };
}
