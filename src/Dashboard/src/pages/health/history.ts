import { useEffect, useState } from 'preact/hooks';
import type { WireStatus } from '../../lib/wire';

export interface History {
  times: number[];
  queue: (number | null)[];
  ackP50: (number | null)[];
  ackP99: (number | null)[];
}

/** Ten minutes of readings every two seconds. */
const KEPT = 300;
const EMPTY: History = { times: [], queue: [], ackP50: [], ackP99: [] };

/** The API tells how things are; how they were since the page was opened is kept here. */
export function useHistory(status: WireStatus | null): History {
  const [history, setHistory] = useState(EMPTY);
  useEffect(() => {
    if (status) {
      const { queue, acknowledgement } = status;
      setHistory((h) => ({
        times: [...h.times, Date.now() / 1000].slice(-KEPT),
        queue: [...h.queue, queue.entries].slice(-KEPT),
        ackP50: [...h.ackP50, acknowledgement.p50_ms].slice(-KEPT),
        ackP99: [...h.ackP99, acknowledgement.p99_ms].slice(-KEPT),
      }));
    }
  }, [status]);
  return history;
}
