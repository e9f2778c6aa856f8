import { type LiveEvent, RETRY_MS, isBehind, pause, receive } from './stream';

/** What a tab is told of the stream that it follows. */
export interface Feed {
  take(event: LiveEvent): void;
  opening(): void;
  opened(): void;
  /** It is tried again. */
  broken(): void;
}

type Message = LiveEvent | { kind: 'begin'; id: string } | { kind: 'up' } | { kind: 'down' };

/** A browser has six connections to a host, for all tabs together; questions need some. */
const MAX_STREAMS = 3;
/** How often tabs beyond that look for new rows. */
const POLL_MS = 2000;
/** A leader says something every 15 s: one that doesn't is stopped by something. */
const SILENCE_MS = 40_000;
const MAX_HELD = 2000;

/**
 * Follows the rows of a question. Tabs with the same question share one stream: the one that holds the question's lock has
 * the connection and tells the others (Web Locks, BroadcastChannel). A tab that joins catches up by a short connection of
 * its own, and then takes what is told behind that. Where the browser has no locks (pages that are neither on this machine
 * nor HTTPS), each tab has its own stream.
 */
export function follow(query: string, last: () => string | null, feed: Feed, signal: AbortSignal): void {
  const canShare = typeof BroadcastChannel !== 'undefined' && typeof navigator !== 'undefined' && 'locks' in navigator && isSecureContext;
  void (canShare ? share(query, last, feed, signal) : own(query, last, feed, signal));
}

async function own(query: string, last: () => string | null, feed: Feed, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    feed.opening();
    await receive(query, last(), 'end', signal, feed.take, feed.opened);
    if (!signal.aborted) {
      feed.broken();
      await pause(RETRY_MS, signal);
    }
  }
}

async function share(query: string, last: () => string | null, feed: Feed, signal: AbortSignal): Promise<void> {
  const name = `collector-live:${query}`;
  const channel = new BroadcastChannel(name);
  const tell = (message: Message) => !signal.aborted && channel.postMessage(message);
  const leading = () => lead(query, last, feed, tell, signal);
  try {
    const isFirst = await navigator.locks.request(name, { ifAvailable: true }, async (lock) => lock !== null && (await leading(), true));
    if (!isFirst && !signal.aborted) {
      const waiting = new AbortController();
      listen(query, last, feed, channel, waiting.signal);
      signal.addEventListener('abort', () => waiting.abort());
      await navigator.locks.request(name, { signal }, async () => {
        waiting.abort();
        channel.onmessage = null;
        await leading();
      });
    }
  } catch (error) {
    if (!signal.aborted) {
      throw error;
    }
  } finally {
    channel.close();
  }
}

/** Has the connection, until the tab is hidden or gone, and tells the others what comes. */
async function lead(
  query: string, last: () => string | null, feed: Feed, tell: (message: Message) => void, signal: AbortSignal,
): Promise<void> {
  const take = (event: LiveEvent) => {
    feed.take(event);
    tell(event);
  };
  const opened = () => {
    feed.opened();
    tell({ kind: 'up' });
  };
  // Those that are not so far have a gap to read from the store.
  tell({ kind: 'begin', id: last() ?? '' });
  feed.opening();
  while (!signal.aborted) {
    const hadSlot = await inSlot(() => receive(query, last(), 'end', signal, take, opened));
    if (!hadSlot && (await receive(query, last(), 'live', signal, take, opened))) {
      await pause(POLL_MS, signal);
    } else if (!signal.aborted) {
      feed.broken();
      tell({ kind: 'down' });
      await pause(RETRY_MS, signal);
      feed.opening();
    }
  }
}

/** Runs while it holds one of the browser's places for streams; false where all are held. */
async function inSlot(work: () => Promise<unknown>): Promise<boolean> {
  for (let slot = 0; slot < MAX_STREAMS; slot++) {
    if (await navigator.locks.request(`collector-live-slot:${slot}`, { ifAvailable: true }, async (lock) => lock !== null && (await work(), true))) {
      return true;
    }
  }
  return false;
}

/** Takes what the leader tells, behind what the tab has. */
function listen(query: string, last: () => string | null, feed: Feed, channel: BroadcastChannel, signal: AbortSignal): void {
  let held: LiveEvent[] | null = [];
  let isLost = false;
  let silence: ReturnType<typeof setTimeout> | undefined;

  const deliver = (event: LiveEvent) => (event.kind === 'skipped' || isBehind(event.id, last())) && feed.take(event);
  const hear = () => {
    clearTimeout(silence);
    silence = setTimeout(() => void catchUp(), SILENCE_MS);
  };
  const catchUp = async () => {
    held = [];
    do {
      isLost = false;
      feed.opening();
      while (!(await receive(query, last(), 'live', signal, feed.take, feed.opened)) && !signal.aborted) {
        feed.broken();
        await pause(RETRY_MS, signal);
        feed.opening();
      }
    } while (isLost && !signal.aborted);
    const told = held ?? [];
    held = null;
    if (!signal.aborted) {
      // Counts of what was left out belong to the rows before them: those of rows that the tab has are not its own.
      told.slice(Math.max(0, told.findIndex((event) => event.kind !== 'skipped' && isBehind(event.id, last())))).forEach(deliver);
      hear();
    }
  };
  channel.onmessage = ({ data }: MessageEvent<Message>) => {
    if (data.kind === 'up') {
      held ?? feed.opened();
    } else if (data.kind === 'down') {
      held ?? feed.broken();
    } else if (data.kind === 'begin') {
      if (!held && data.id !== '' && isBehind(data.id, last())) {
        void catchUp();
      } else if (held) {
        isLost = true;
      }
    } else if (!held) {
      deliver(data);
    } else if (held.length < MAX_HELD) {
      held.push(data);
    } else {
      // It has to be read from the store once more.
      held = [];
      isLost = true;
    }
    if (!held && !signal.aborted) {
      hear();
    }
  };
  signal.addEventListener('abort', () => clearTimeout(silence));
  void catchUp();
}
