// Runs a producer Worker and our forwarder in the real runtime, against a running Collector.
// Usage: node runtime/run.mjs COLLECTOR_HTTP_URL [COUNT [SERVICE_URL]]. The service is called by the producer once. Prints one
// JSON line: what was called, and when it was over.
import { readFile } from "node:fs/promises";
import { Miniflare } from "miniflare";

const [collector, count = "0", service = ""] = process.argv.slice(2);
const here = new URL(".", import.meta.url);
const read = (path) => readFile(new URL(path, here), "utf8");
const shared = { modulesRoot: "/", compatibilityDate: "2026-04-01" };

const runtime = new Miniflare({
  host: "127.0.0.1",
  port: 0,
  workers: [
    {
      ...shared,
      name: "producer",
      modules: [{ type: "ESModule", path: "/producer.js", contents: await read("producer.js") }],
      tails: ["collector-tail"],
      bindings: { SERVICE_URL: service },
      queueConsumers: { orders: { maxBatchSize: 2, maxRetries: 0 } },
    },
    {
      ...shared,
      name: "collector-tail",
      modules: await Promise.all(
        ["index.js", "forward.js", "batches.js", "home.js"].map(async (file) => ({
          type: "ESModule",
          path: `/${file}`,
          contents: await read(`../dist/${file}`),
        })),
      ),
      bindings: { COLLECTOR_URL: collector },
    },
  ],
});

try {
  const producer = await runtime.getWorker("producer");
  const call = async (path, id, headers = {}) => {
    const started = Date.now();
    // A handler that throws rejects the dispatch: that is what it is called for.
    const status = await producer
      .fetch(`http://shop.example${path}`, { headers: { "x-correlation-id": id, ...headers } })
      .then(async (response) => (await response.text(), response.status), () => 500);
    return { path, id, status, started, ended: Date.now() };
  };

  const calls = [];
  for (const path of ["/levels", "/missing", "/throw", "/wait-until"]) {
    calls.push(await call(path, `runtime${path.replace("/", "-")}`));
  }
  await producer.scheduled({ cron: "*/5 * * * *" }).catch(() => {});
  await producer.queue("orders", [1, 2].map((order) => ({ id: `m${order}`, timestamp: new Date(), body: { order }, attempts: 1 }))).catch(() => {});

  if (service) {
    calls.push(await call("/call", "runtime-call", { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" }));
  }
  for (let i = 0; i < Number(count); i++) {
    calls.push(await call("/ok", `runtime-ok-${i}`));
  }
  console.log(JSON.stringify({ calls }));
  // The forwarder works behind the calls; whoever started this ends it by closing its input.
  process.stdin.resume();
  await new Promise((resolve) => process.stdin.once("end", resolve));
} finally {
  await runtime.dispose();
}
