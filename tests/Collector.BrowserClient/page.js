// What an application does in its page: exporters with nothing set but where to send.
import { OTLPLogExporter } from "otlp-logs";
import { OTLPTraceExporter } from "otlp-traces";
import { BatchLogRecordProcessor, LoggerProvider } from "sdk-logs";
import * as trace from "sdk-trace";

// Providers of old releases take processors by methods, those of new ones by their constructor.
function loggerProvider(processor) {
  const provider = new LoggerProvider({ processors: [processor] });
  provider.addLogRecordProcessor?.(processor);
  return provider;
}

globalThis.send = async (address, name, headers) => {
  const exporter = (Exporter, path) => new Exporter({ url: address + path, ...(headers ? { headers } : {}) });
  const batch = (Processor, made) => new Processor(TAKES_OPTIONS ? { exporter: made } : made);
  const logs = loggerProvider(batch(BatchLogRecordProcessor, exporter(OTLPLogExporter, "/v1/logs")));
  logs.getLogger("page").emit({ body: `log of ${name}`, attributes: { correlation_id: name } });
  const spans = new (trace.BasicTracerProvider ?? trace.TracerProvider)({ spanProcessors: [batch(trace.BatchSpanProcessor, exporter(OTLPTraceExporter, "/v1/traces"))] });
  const span = spans.getTracer("page").startSpan(`span of ${name}`);
  span.setAttribute("correlation_id", name);
  span.end();
  await Promise.all([logs.forceFlush(), spans.forceFlush()]);
};
