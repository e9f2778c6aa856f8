// Logs the same things with one logger, through its own OTLP transport at default settings.
// Usage: node client.js COLLECTOR_HTTP_URL pino|winston|bunyan. The service and the correlation id are js-LOGGER.
const [collector, logger] = process.argv.slice(2);
const correlationId = `js-${logger}`;
Object.assign(process.env, {
  OTEL_EXPORTER_OTLP_ENDPOINT: collector,
  OTEL_SERVICE_NAME: correlationId,
  OTEL_LOGS_EXPORTER: "otlp",
  OTEL_TRACES_EXPORTER: "none",
  OTEL_METRICS_EXPORTER: "none",
});

const users = { pino: usePino, winston: useWinston, bunyan: useBunyan };
users[logger]().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});

async function usePino() {
  const transport = require("pino").transport({ target: "pino-opentelemetry-transport" });
  const log = require("pino")({ level: "trace" }, transport).child({ correlationId });
  log.trace("very quiet");
  log.info({ order: 17, password: "hunter2", user: { name: "ann" } }, "order %d placed", 17);
  log.warn({ url: "https://bob:hunter2@shop.example/x?token=hunter2" }, "slow");
  log.error(new TypeError("card declined"));
  log.error({ err: new RangeError("no such order") }, "refund failed");
  log.fatal("it died");
  await new Promise((resolve) => (transport.once("close", resolve), transport.end()));
}

async function useWinston() {
  const sdk = start([]);
  const winston = require("winston");
  const { OpenTelemetryTransportV3 } = require("@opentelemetry/winston-transport");
  const log = winston
    .createLogger({ level: "silly", transports: [new OpenTelemetryTransportV3()] })
    .child({ correlationId });
  log.silly("very quiet");
  log.info("order 17 placed", { order: 17, password: "hunter2", user: { name: "ann" } });
  log.warn("slow", { url: "https://bob:hunter2@shop.example/x?token=hunter2" });
  log.error(new TypeError("card declined"));
  log.error("refund failed", { error: new RangeError("no such order") });
  log.http("GET /x");
  await sdk.shutdown();
}

async function useBunyan() {
  const { BunyanInstrumentation } = require("@opentelemetry/instrumentation-bunyan");
  const sdk = start([new BunyanInstrumentation()]);
  const log = require("bunyan").createLogger({ name: "shop", level: "trace" }).child({ correlationId });
  log.trace("very quiet");
  log.info({ order: 17, password: "hunter2", user: { name: "ann" } }, "order %d placed", 17);
  log.warn({ url: "https://bob:hunter2@shop.example/x?token=hunter2" }, "slow");
  log.error(new TypeError("card declined"));
  log.error({ err: new RangeError("no such order") }, "refund failed");
  log.fatal("it died");
  await sdk.shutdown();
}

function start(instrumentations) {
  const { NodeSDK } = require("@opentelemetry/sdk-node");
  const sdk = new NodeSDK({ instrumentations });
  sdk.start();
  return sdk;
}
