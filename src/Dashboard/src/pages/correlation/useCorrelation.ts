import { useMemo } from 'preact/hooks';
import { type Fetched, useFetch } from '../../lib/fetching';
import { parseMoment, reviveRow } from '../../lib/model';
import type { WireCorrelation } from '../../lib/wire';

/** A request is young while its last row is: more may come. */
const YOUNG_MS = 2 * 60_000;
const POLL_MS = 2_000;

export const isYoung = (found: WireCorrelation, now: number): boolean => now - parseMoment(found.ended_at).ms < YOUNG_MS;

export function useCorrelation(id: string): Fetched<WireCorrelation> & { rows: ReturnType<typeof reviveRow>[] } {
  const path = id === '' ? null : `/api/correlations/${encodeURIComponent(id)}`;
  // An id that nobody knows yet is asked for again: its first row may be on its way.
  const fetched = useFetch<WireCorrelation>(path, { every: (found) => (found === null || isYoung(found, Date.now()) ? POLL_MS : null) });
  const found = fetched.data?.correlation_id === id ? fetched.data : null;
  const rows = useMemo(() => found?.logs.map(reviveRow) ?? [], [found]);
  return { ...fetched, data: found, rows };
}
