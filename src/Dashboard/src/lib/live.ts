import { reach } from './api';
import { parseExact } from './exact';
import { reviveRow, type Row } from './model';
import { follow } from './sharing';
import type { LiveEvent } from './stream';
import type { WireRow } from './wire';

export interface LiveSink {
  /** Rows in the order of their arrival, at most once a frame. */
  rows(rows: Row[]): void;
  skipped(count: number): void;
  state(state: LiveState): void;
  /** Nobody says why; whoever cares asks. */
  broken(): void;
}

export type LiveState = 'connecting' | 'live' | 'away';

/** What a frame may hold; more than that is counted and not shown, since nobody reads it and parsing costs frames. */
const FRAME_ROWS = 400;

/**
 * Rows as they are committed, while the page is seen. Reconnects by itself and goes on behind the last row that was seen,
 * so that what came meanwhile is caught up with; `from` begins there, too.
 */
export function openLive(query: string, from: string | null, sink: LiveSink): { close(): string | null } {
  let lastId = from;
  let following: AbortController | null = null;
  let frame = 0;
  let waiting: string[] = [];
  let skipped = 0;

  const flush = () => {
    frame = 0;
    const texts = waiting;
    waiting = [];
    if (texts.length > FRAME_ROWS) {
      skipped += texts.length - FRAME_ROWS;
    }
    if (skipped > 0) {
      sink.skipped(skipped);
      skipped = 0;
    }
    sink.rows(texts.slice(-FRAME_ROWS).map((text) => reviveRow(parseExact<WireRow>(text))));
  };
  const schedule = () => {
    // No frames come while the page is hidden; then a bounded number of rows waits.
    frame ||= requestAnimationFrame(flush);
    if (waiting.length > 4 * FRAME_ROWS) {
      skipped += waiting.splice(0, waiting.length - FRAME_ROWS).length;
    }
  };
  const take = ({ kind, id, data }: LiveEvent) => {
    if (kind === 'log') {
      waiting.push(data);
      schedule();
    } else if (kind === 'skipped') {
      skipped += (JSON.parse(data) as { count: number }).count;
      schedule();
    } else if (kind === 'live') {
      sink.state('live');
    }
    if (kind !== 'skipped') {
      // What was handed over before it has been seen, and nothing older is to come.
      lastId = id || lastId;
    }
  };
  const feed = {
    take,
    opening: () => sink.state('connecting'),
    opened: () => {
      reach(true);
      if (lastId !== null) {
        sink.state('live');
      }
    },
    broken: () => {
      sink.state('away');
      sink.broken();
    },
  };
  // While nobody looks, the connection belongs to others; what comes meanwhile is caught up with.
  const begin = () => {
    following?.abort();
    following = null;
    if (!document.hidden) {
      following = new AbortController();
      follow(query, () => lastId, feed, following.signal);
    }
  };
  document.addEventListener('visibilitychange', begin);
  begin();
  return {
    close() {
      document.removeEventListener('visibilitychange', begin);
      following?.abort();
      cancelAnimationFrame(frame);
      flush();
      return lastId;
    },
  };
}
