import { afterEach, describe, expect, it, vi } from "vitest";
import { forward } from "../src/forward.js";
import worker from "../src/index.js";
import { accepted, ScriptedWorld } from "./fakes.js";

const env = { COLLECTOR_URL: "https://collector.test/", COLLECTOR_KEY: "secret-key" };
const events = (count: number) => Array.from({ length: count }, (_, i) => ({ scriptName: `s${i}`, pad: "x".repeat(100) }));

describe("forwarding a tail call", () => {
  it("sends all events as one gzipped array with the key", async () => {
    const world = new ScriptedWorld((sent) => accepted(sent.length));
    await forward(events(3), env, world);
    expect(world.sent).toHaveLength(1);
    expect(world.sent[0]!.url).toBe("https://collector.test/v1/tail");
    expect(world.sent[0]!.events).toEqual(events(3));
    expect(world.sent[0]!.headers).toEqual({
      "content-type": "application/json",
      "content-encoding": "gzip",
      authorization: "Bearer secret-key",
    });
    expect(world.complaints).toEqual([]);
  });

  it("splits what is larger than the limit, and loses nothing", async () => {
    const world = new ScriptedWorld((sent) => accepted(sent.length));
    await forward(events(10), { ...env, MAX_BATCH_BYTES: "500" }, world);
    expect(world.sent.length).toBeGreaterThan(2);
    expect(world.sent.every((request) => JSON.stringify(request.events).length <= 502)).toBe(true);
    // Batches go out side by side.
    const byFirst = world.sent.sort((a, b) => JSON.stringify(a.events).localeCompare(JSON.stringify(b.events)));
    expect(byFirst.flatMap((request) => request.events)).toEqual(events(10));
  });

  it("halves a batch that Collector calls too large, down to the one event that is", async () => {
    const world = new ScriptedWorld((sent) =>
      sent.some((event) => (event as { scriptName: string }).scriptName === "s5")
        ? new Response("too large", { status: 413 })
        : accepted(sent.length),
    );
    await forward(events(8), env, world);
    const names = world.sent.flatMap((request) => request.events.map((event) => (event as { scriptName: string }).scriptName));
    expect(new Set(names).size).toBe(8);
    expect(world.complaints).toHaveLength(1);
    expect(world.complaints[0]).toContain("gave up 1 event: Collector answered 413");
  });
});

describe("retrying", () => {
  it.each([429, 500, 503, 504])("comes back after %i with growing pauses and the same events", async (status) => {
    const world = new ScriptedWorld((sent, attempt) => (attempt < 4 ? new Response("busy", { status }) : accepted(sent.length)));
    await forward(events(2), env, world);
    expect(world.sent).toHaveLength(4);
    expect(world.sent.every((request) => JSON.stringify(request.events) === JSON.stringify(events(2)))).toBe(true);
    expect(world.pauses).toEqual([250, 500, 1000]);
    expect(world.complaints).toEqual([]);
  });

  it("comes back after a broken network", async () => {
    const world = new ScriptedWorld((sent, attempt) => {
      if (attempt === 1) {
        throw new TypeError("Network connection lost.");
      }
      return accepted(sent.length);
    });
    await forward(events(1), env, world);
    expect(world.sent).toHaveLength(2);
    expect(world.complaints).toEqual([]);
  });

  it("waits as long as Retry-After says", async () => {
    const world = new ScriptedWorld((sent, attempt) =>
      attempt === 1 ? new Response("", { status: 503, headers: { "retry-after": "3" } }) : accepted(sent.length),
    );
    await forward(events(1), env, world);
    expect(world.pauses).toEqual([3000]);
  });
});

describe("giving up", () => {
  it("is loud, and comes before waitUntil ends", async () => {
    const world = new ScriptedWorld(() => new Response("down", { status: 503 }));
    await forward(events(7), env, world);
    expect(world.now()).toBeLessThanOrEqual(25_000);
    expect(world.sent.length).toBeGreaterThan(5);
    expect(world.complaints).toHaveLength(1);
    expect(world.complaints[0]).toMatch(/gave up 7 events: Collector answered 503: down \(attempt \d+\)/);
  });

  it.each([24_750, 60_000])("gives the last attempt time to be answered, though sleep ended %i ms late", async (lateness) => {
    const world = new ScriptedWorld(() => new Response("down", { status: 503 }), lateness);
    await forward(events(2), env, world);
    expect(world.sent).toHaveLength(2);
    expect(world.complaints).toEqual(["collector-tail gave up 2 events: Collector answered 503: down (attempt 2)"]);
  });

  it.each([400, 401, 404, 415])("does not try %i again", async (status) => {
    const world = new ScriptedWorld(() => new Response("no", { status }));
    await forward(events(1), env, world);
    expect(world.sent).toHaveLength(1);
    expect(world.complaints[0]).toContain(`${status}: no`);
  });

  it("says what Collector rejected, and why", async () => {
    const world = new ScriptedWorld(() => Response.json({ accepted: 1, rejected: 1, reasons: [{ index: 1, reason: "null" }] }));
    await forward([{}, null], env, world);
    expect(world.complaints[0]).toContain('gave up 1 event: Collector rejected them: [{"index":1');
  });

  it("costs only the event that can't be written", async () => {
    const world = new ScriptedWorld((sent) => accepted(sent.length));
    await forward([{ a: 1 }, { big: 1n }], env, world);
    expect(world.sent[0]!.events).toEqual([{ a: 1 }]);
    expect(world.complaints[0]).toContain("can't be written as JSON");
  });

  it("names a missing setting", async () => {
    const world = new ScriptedWorld((sent) => accepted(sent.length));
    await forward(events(2), {}, world);
    expect(world.complaints).toEqual(["collector-tail gave up 2 events: COLLECTOR_URL is not set"]);
  });
});

describe("the Worker", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.restoreAllMocks();
  });

  it("returns at once, and has the runtime wait for what it started", async () => {
    const requests: string[] = [];
    let answer = (_: Response) => {};
    vi.stubGlobal("fetch", (url: string) => {
      requests.push(url);
      return new Promise<Response>((resolve) => (answer = resolve));
    });
    const waited: Promise<unknown>[] = [];
    const ctx = { waitUntil: (promise: Promise<unknown>) => waited.push(promise) } as unknown as ExecutionContext;

    worker.tail(events(1) as unknown as TraceItem[], env, ctx);

    expect(waited).toHaveLength(1);
    await vi.waitFor(() => expect(requests).toEqual(["https://collector.test/v1/tail"]));
    answer(accepted(1));
    await waited[0];
  });

  it("never throws into the producer, whatever it is given", async () => {
    const complaints = vi.spyOn(console, "error").mockImplementation(() => {});
    const waited: Promise<unknown>[] = [];
    const ctx = { waitUntil: (promise: Promise<unknown>) => waited.push(promise) } as unknown as ExecutionContext;

    worker.tail(undefined as unknown as TraceItem[], env, ctx);

    await expect(waited[0]).resolves.toBeUndefined();
    expect(complaints).toHaveBeenCalledOnce();
  });
});
