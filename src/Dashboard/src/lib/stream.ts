/** One connection to the live stream. What it says is handed on; who reconnects, and when, is decided elsewhere. */
const KINDS = ['log', 'skipped', 'live', 'watermark', 'cut'] as const;

export interface LiveEvent {
  kind: (typeof KINDS)[number];
  /** Behind it a later connection goes on. */
  id: string;
  data: string;
}

export const RETRY_MS = 1500;

/**
 * Receives until the stream breaks, the signal says so, or, where only what is there is wanted, until it is live. True
 * where it became that.
 */
export function receive(
  query: string, from: string | null, until: 'live' | 'end', signal: AbortSignal, take: (event: LiveEvent) => void, opened: () => void,
): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve(false);
      return;
    }
    const resume = from === null ? '' : `&last_event_id=${encodeURIComponent(from)}`;
    const source = new EventSource(`/api/live?${query}${resume}`);
    const end = (isLive: boolean) => {
      source.close();
      signal.removeEventListener('abort', leave);
      resolve(isLive);
    };
    const leave = () => end(false);
    signal.addEventListener('abort', leave);
    for (const kind of KINDS) {
      source.addEventListener(kind, (event) => {
        const { lastEventId, data } = event as MessageEvent<string>;
        take({ kind, id: lastEventId, data });
        if (kind === 'live' && until === 'live') {
          end(true);
        }
      });
    }
    source.onopen = opened;
    // Its own retrying gives up for good at the first answer that is no stream, so the retrying is ours.
    source.onerror = () => end(false);
  });
}

/** Whether one id comes behind another in the order of arrival; everything comes behind none. */
export function isBehind(id: string, other: string | null): boolean {
  const [segment = 0, row = 0] = id.split('-').map(Number);
  const [otherSegment = 0, otherRow = 0] = (other ?? '0-0').split('-').map(Number);
  return segment > otherSegment || (segment === otherSegment && row > otherRow);
}

/** Ends early, and without an error, when the signal says so. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
