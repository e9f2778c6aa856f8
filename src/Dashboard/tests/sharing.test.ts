import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { follow } from '../src/lib/sharing';
import { isBehind, type LiveEvent } from '../src/lib/stream';

/** Plays the server: rows have arrived up to a number, and each stream is given those behind where it begins. */
class Server {
  newest = 0;
  open: FakeStream[] = [];
  most = 0;
  add(): void {
    this.newest++;
    this.open.forEach((stream) => stream.giveUpTo(this.newest));
  }
}

class FakeStream extends EventTarget {
  onopen: (() => void) | null = null;
  onerror: (() => void) | null = null;
  private at: number;
  constructor(url: string) {
    super();
    this.at = Number(/last_event_id=1-(\d+)/.exec(url)?.[1] ?? 0);
    server.open.push(this);
    server.most = Math.max(server.most, server.open.length);
    setTimeout(() => this.begin(), 10);
  }
  private begin(): void {
    if (server.open.includes(this)) {
      this.onopen?.();
      this.giveUpTo(server.newest);
      this.send('live', `1-${server.newest}`);
    }
  }
  giveUpTo(row: number): void {
    while (this.at < row) {
      this.send('log', `1-${++this.at}`);
    }
  }
  send(kind: string, lastEventId: string): void {
    this.dispatchEvent(Object.assign(new Event(kind), { data: '{}', lastEventId }));
  }
  close(): void {
    server.open = server.open.filter((stream) => stream !== this);
  }
}

/** Delivers to all others of its name, a moment later. */
class FakeChannel {
  static all: FakeChannel[] = [];
  onmessage: ((event: { data: unknown }) => void) | null = null;
  constructor(readonly name: string) {
    FakeChannel.all.push(this);
  }
  postMessage(data: unknown): void {
    const others = FakeChannel.all.filter((one) => one !== this && one.name === this.name);
    setTimeout(() => others.forEach((one) => FakeChannel.all.includes(one) && one.onmessage?.({ data })), 1);
  }
  close(): void {
    FakeChannel.all = FakeChannel.all.filter((one) => one !== this);
  }
}

class FakeLocks {
  private waiting = new Map<string, (() => void)[]>();
  async request<T>(name: string, options: { ifAvailable?: boolean; signal?: AbortSignal }, work: (lock: object | null) => Promise<T>): Promise<T> {
    const queue = this.waiting.get(name);
    if (queue && options.ifAvailable) {
      return work(null);
    }
    if (queue) {
      await new Promise<void>((resolve, reject) => {
        queue.push(resolve);
        options.signal?.addEventListener('abort', () => {
          const at = queue.indexOf(resolve);
          if (at >= 0) {
            queue.splice(at, 1);
            reject(new DOMException('left', 'AbortError'));
          }
        });
      });
    } else {
      this.waiting.set(name, []);
    }
    try {
      return await work({});
    } finally {
      const next = this.waiting.get(name)!.shift();
      next ? next() : this.waiting.delete(name);
    }
  }
}

let server: Server;

/** A tab: what it has seen, in order. */
function tab(query = 'limit=200') {
  const seen: number[] = [];
  let last: string | null = null;
  const show = () => {
    const shown = new AbortController();
    follow(query, () => last, {
      take: (event: LiveEvent) => {
        last = event.id || last;
        event.kind === 'log' && seen.push(Number(event.id.slice(2)));
      },
      opening: () => undefined, opened: () => undefined, broken: () => undefined,
    }, shown.signal);
    return shown;
  };
  let shown = show();
  return { seen, hide: () => shown.abort(), show: () => void (shown = show()) };
}

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

beforeEach(() => {
  vi.useFakeTimers();
  server = new Server();
  FakeChannel.all = [];
  vi.stubGlobal('EventSource', FakeStream);
  vi.stubGlobal('BroadcastChannel', FakeChannel);
  vi.stubGlobal('isSecureContext', true);
  vi.stubGlobal('navigator', { locks: new FakeLocks() });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

it('Ids are compared as numbers, and everything is behind none', () => {
  expect([isBehind('1-10', '1-9'), isBehind('2-1', '1-99'), isBehind('1-9', '1-9'), isBehind('1-1', null)]).toEqual([true, true, false, true]);
});

it('Ten tabs have one stream, and each sees each row once', async () => {
  const tabs = upTo(10).map(() => tab());
  await vi.advanceTimersByTimeAsync(100);
  for (let i = 0; i < 20; i++) {
    server.add();
    await vi.advanceTimersByTimeAsync(5);
  }
  expect(server.open).toHaveLength(1);
  tabs.forEach(({ seen }) => expect(seen).toEqual(upTo(20)));
});

it('A question each is three streams at most, and the others look every two seconds', async () => {
  const tabs = upTo(8).map((i) => tab(`worker=${i}`));
  await vi.advanceTimersByTimeAsync(100);
  server.most = 0;
  server.add();
  await vi.advanceTimersByTimeAsync(1_000);
  expect(server.open).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(1_500);
  tabs.forEach(({ seen }) => expect(seen).toEqual([1]));
  tabs[0]!.hide();
  await vi.advanceTimersByTimeAsync(2_500);
  expect(server.open).toHaveLength(3);
});

it('A tab that is not as far as a new leader reads what is between', async () => {
  const [leader, follower] = [tab(), tab()];
  await vi.advanceTimersByTimeAsync(100);
  server.open = []; // Its connection hangs.
  server.newest = 5;
  new FakeChannel('collector-live:limit=200').postMessage({ kind: 'begin', id: '1-5' });
  await vi.advanceTimersByTimeAsync(100);
  expect(follower.seen).toEqual(upTo(5));
  expect(leader.seen).toEqual([]);
});

it('A tab that hears nothing of its leader looks for itself', async () => {
  const tabs = [tab(), tab()];
  await vi.advanceTimersByTimeAsync(100);
  server.open = [];
  server.newest = 3;
  await vi.advanceTimersByTimeAsync(41_000);
  expect(tabs[1]!.seen).toEqual(upTo(3));
});

// Whatever tabs come, go, are hidden and seen again, and whichever of them has the stream.
it.each(upTo(20))('No tab misses a row or sees one twice, whoever leads (seed %i)', async (seed) => {
  let state = seed;
  const random = (max: number) => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) % max;
  const tabs = [tab()];
  const hidden = new Set<ReturnType<typeof tab>>();
  for (let turn = 0; turn < 150; turn++) {
    const one = tabs[random(tabs.length)]!;
    switch (random(6)) {
      case 0:
        tabs.length < 6 && tabs.push(tab());
        break;
      case 1:
        hidden.has(one) ? (one.show(), hidden.delete(one)) : (one.hide(), hidden.add(one));
        break;
      case 2:
        server.open.at(-1)?.onerror?.();
        break;
      default:
        server.add();
    }
    await vi.advanceTimersByTimeAsync(random(30));
  }
  hidden.forEach((one) => one.show());
  await vi.advanceTimersByTimeAsync(60_000);
  tabs.forEach(({ seen }) => expect(seen).toEqual(upTo(server.newest)));
  expect(server.open).toHaveLength(1);
});
