import { describe, expect, it } from "vitest";
import { forward } from "../src/forward.js";
import { accepted, ScriptedWorld } from "./fakes.js";

const env = { COLLECTOR_URL: "https://collector.test", WORKER_NAME: "shop" };
const line = (level: string, ...message: unknown[]) => ({ level, message, timestamp: 1 });

async function sent(event: unknown, settings: object = env): Promise<unknown> {
  const world = new ScriptedWorld((events) => accepted(events.length));
  await forward([event], settings, world);
  expect(world.complaints).toEqual([]);
  return world.sent[0]!.events[0];
}

describe("an event of a runtime at home", () => {
  it("has the name that the settings give it", async () => {
    const event = { scriptName: null, outcome: "ok", logs: [line("log", "hello")] };
    expect(await sent(event)).toEqual({ ...event, scriptName: "shop" });
  });

  it("stays as it is where the settings give it none", async () => {
    const event = { scriptName: null, outcome: "ok", logs: [line("log", "hello")] };
    expect(await sent(event, { COLLECTOR_URL: env.COLLECTOR_URL })).toEqual(event);
  });

  it.each(["[api]", "\x1b[34m[api]\x1b[39m"])("has the name %j that wrangler dev puts in front of its lines, which it takes off", async (prefix) => {
    const logs = [line("log", prefix, { level: "warn" }), line("warn", "plain"), line("info", prefix, "%s is %d", "a", 7), line("debug", prefix)];
    expect(await sent({ scriptName: null, logs })).toEqual({
      scriptName: "api",
      logs: [line("log", { level: "warn" }), line("warn", "plain"), line("info", "%s is %d", "a", 7), line("debug")],
    });
  });

  it.each([
    [[line("log", "[db]", "connected"), line("log", "hello")]],
    [[line("log", "[db]", "connected"), line("log", "[http]", "listening")]],
    [[line("error", "[db]", "down")]],
    [[line("log", "[1, 2] and more")]],
    [[null, 7, { level: "log", message: "text" }]],
    [[line("log", { message: "an object is no prefix" }), line("log", ["[api]"])]],
    ["none"],
  ])("keeps brackets that are its own: %j", async (logs) => {
    expect(await sent({ scriptName: null, logs })).toEqual({ scriptName: "shop", logs });
  });

  it("is whatever it is", async () => {
    for (const event of [null, 7, "text", [1], {}]) {
      const expected = event !== null && typeof event === "object" && !Array.isArray(event) ? { scriptName: "shop" } : event;
      expect(await sent(event)).toEqual(expected);
    }
  });
});

describe("an event that has a name", () => {
  it("keeps it, and its lines", async () => {
    const event = { scriptName: "pay", logs: [line("log", "[api]", "hello")] };
    expect(await sent(event)).toEqual(event);
  });
});
