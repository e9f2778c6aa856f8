import { reach } from './api';
import { parseExact } from './exact';
import { reviveRow, type Row } from './model';
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

const RETRY_MS = 1500;
/** What a frame may hold; more than that is counted and not shown, since nobody reads it and parsing costs frames. */
const FRAME_ROWS = 400;

/**
 * Rows as they are committed. Reconnects by itself and goes on behind the last row that was seen, so that what came
 * meanwhile is caught up with; `from` begins there, too.
 */
export function openLive(query: string, from: string | null, sink: LiveSink): { close(): string | null } {
  let lastId = from;
  let source: EventSource | null = null;
  let retry: ReturnType<typeof setTimeout> | undefined;
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
  const connect = () => {
    sink.state('connecting');
    const resume = lastId === null ? '' : `&last_event_id=${encodeURIComponent(lastId)}`;
    const opened = new EventSource(`/api/live?${query}${resume}`);
    source = opened;
    opened.addEventListener('log', (event) => {
      lastId = event.lastEventId || lastId;
      waiting.push(event.data as string);
      schedule();
    });
    opened.addEventListener('skipped', (event) => {
      skipped += (JSON.parse(event.data as string) as { count: number }).count;
      schedule();
    });
    opened.addEventListener('live', (event) => {
      lastId = event.lastEventId || lastId;
      sink.state('live');
    });
    opened.addEventListener('watermark', (event) => {
      // What was handed over before it has been seen, and nothing older is to come.
      lastId = event.lastEventId || lastId;
    });
    opened.onopen = () => {
      reach(true);
      if (lastId !== null) {
        sink.state('live');
      }
    };
    opened.onerror = () => {
      // Its own retrying gives up for good at the first answer that is no stream, so the retrying is ours.
      opened.close();
      sink.state('away');
      sink.broken();
      retry = setTimeout(connect, RETRY_MS);
    };
  };
  connect();
  return {
    close() {
      source?.close();
      clearTimeout(retry);
      cancelAnimationFrame(frame);
      flush();
      return lastId;
    },
  };
}
