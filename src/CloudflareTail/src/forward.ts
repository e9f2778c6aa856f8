import { type Batch, gzip, halve, pack } from "./batches.js";
import { withName } from "./home.js";

/** Settings of the Worker: variables of wrangler.toml, and one secret. */
export interface Env {
  /** Collector's HTTP port, such as `https://collector.example.com`. */
  COLLECTOR_URL?: string;
  /** One of Collector's `Ingest:Keys`; a secret. None where Collector asks for none. */
  COLLECTOR_KEY?: string;
  /** Whose the events are that don't say it, as in `wrangler dev`. */
  WORKER_NAME?: string;
  /** Largest request before compression, in bytes. Default 4 MiB. */
  MAX_BATCH_BYTES?: string;
}

/** What forwarding needs from the world, so that tests can stand in for it. */
export interface Means {
  fetch(url: string, init: RequestInit): Promise<Response>;
  sleep(milliseconds: number): Promise<void>;
  now(): number;
  random(): number;
  complain(message: string): void;
}

const defaultBatchBytes = 4 * 1024 * 1024;
const firstPause = 250;
const longestPause = 8_000;
const answerTimeout = 10_000;
// Of the last attempt, however little time is left: with none it would fail for a reason that is not Collector's.
const shortestTimeout = 1_000;
// waitUntil ends 30 s after the call; what has not come through by then is given up while it can still be said.
const patience = 25_000;

/** Forwards one tail call. Never rejects: what can't be delivered is said on the Worker's own console. */
export async function forward(events: readonly unknown[], env: Env, means: Means): Promise<void> {
  try {
    if (!env.COLLECTOR_URL) {
      giveUp(means, events.length, "COLLECTOR_URL is not set");
      return;
    }
    const until = means.now() + patience;
    const batches = pack(texts(events, env, means), Number(env.MAX_BATCH_BYTES) || defaultBatchBytes);
    await Promise.all(batches.map((batch) => deliver(batch, env, means, until)));
  } catch (error) {
    giveUp(means, events?.length ?? 0, reason(error));
  }
}

function texts(events: readonly unknown[], env: Env, means: Means): string[] {
  const items: string[] = [];
  for (const event of events) {
    try {
      const text = JSON.stringify(event) ?? "null";
      const isNamed = (event as { scriptName?: unknown } | null | undefined)?.scriptName;
      items.push(isNamed ? text : withName(text, env.WORKER_NAME));
    } catch (error) {
      giveUp(means, 1, `it can't be written as JSON: ${reason(error)}`);
    }
  }
  return items;
}

async function deliver(batch: Batch, env: Env, means: Means, until: number): Promise<void> {
  // The same bytes each time: Collector knows a repeat by them, so a retry stores nothing twice.
  const body = await gzip(batch.body);
  for (let attempt = 0; ; attempt++) {
    const left = until - means.now();
    const outcome = await send(body, env, means, Math.max(shortestTimeout, Math.min(answerTimeout, left)));
    if (outcome.done) {
      await outcome.done(batch);
      return;
    }
    if (outcome.tooLarge && batch.count > 1) {
      await Promise.all(halve(batch).map((half) => deliver(half, env, means, until)));
      return;
    }
    const pause = Math.max(outcome.pause ?? 0, backOff(attempt, means));
    if (!outcome.retry || means.now() + pause > until) {
      giveUp(means, batch.count, `${outcome.reason} (attempt ${attempt + 1})`);
      return;
    }
    await means.sleep(pause);
  }
}

interface Outcome {
  done?: (batch: Batch) => Promise<void>;
  retry?: boolean;
  tooLarge?: boolean;
  pause?: number;
  reason?: string;
}

async function send(body: ArrayBuffer, env: Env, means: Means, timeout: number): Promise<Outcome> {
  const headers: Record<string, string> = { "content-type": "application/json", "content-encoding": "gzip" };
  if (env.COLLECTOR_KEY) {
    headers.authorization = `Bearer ${env.COLLECTOR_KEY}`;
  }
  try {
    const url = `${env.COLLECTOR_URL!.replace(/\/+$/, "")}/v1/tail`;
    const signal = AbortSignal.timeout(timeout);
    const response = await means.fetch(url, { method: "POST", headers, body, signal });
    const text = await response.text();
    return response.ok ? { done: (batch) => tellRejected(batch, text, means) } : failure(response, text);
  } catch (error) {
    return { retry: true, reason: reason(error) };
  }
}

function failure(response: Response, text: string): Outcome {
  const seconds = Number(response.headers.get("retry-after"));
  return {
    retry: response.status === 429 || response.status >= 500,
    tooLarge: response.status === 413,
    pause: seconds > 0 ? seconds * 1000 : 0,
    reason: `Collector answered ${response.status}: ${text.slice(0, 500)}`,
  };
}

async function tellRejected(batch: Batch, text: string, means: Means): Promise<void> {
  let answer: { rejected?: number; reasons?: unknown } = {};
  try {
    answer = JSON.parse(text);
  } catch {
    means.complain(`collector-tail: the answer to ${batch.count} events is no JSON; is COLLECTOR_URL a Collector?`);
  }
  if (answer.rejected) {
    giveUp(means, answer.rejected, `Collector rejected them: ${JSON.stringify(answer.reasons)}`);
  }
}

// Half of it by chance, so that Workers which failed together don't come back together.
function backOff(attempt: number, means: Means): number {
  const pause = Math.min(firstPause * 2 ** attempt, longestPause);
  return pause / 2 + (pause / 2) * means.random();
}

function giveUp(means: Means, count: number, why: string): void {
  means.complain(`collector-tail gave up ${count} ${count === 1 ? "event" : "events"}: ${why}`);
}

function reason(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}
