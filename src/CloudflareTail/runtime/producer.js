// Does what Workers do, each under the correlation id of its request, so that rows can be compared with it.
export default {
  async fetch(request, env, ctx) {
    const { pathname } = new URL(request.url);
    const correlation_id = request.headers.get("x-correlation-id");
    switch (pathname) {
      case "/levels":
        console.debug("debug line");
        console.log("log line", 1, true, null, undefined, { a: [1, "b"] });
        console.info("%s is %d", "answer", 42);
        console.warn({ level: "warn", message: "structured object", correlation_id, context: { n: 1 } });
        console.error(JSON.stringify({ level: "error", message: "structured text", correlation_id }));
        return new Response("ok");
      case "/throw":
        console.log("about to throw");
        throw new TypeError("uncaught here");
      case "/wait-until":
        ctx.waitUntil(Promise.reject(new RangeError("thrown in waitUntil")));
        return new Response("ok");
      case "/call": {
        const answer = await fetch(env.SERVICE_URL, {
          method: "POST",
          headers: { "x-correlation-id": correlation_id, traceparent: request.headers.get("traceparent") },
        });
        console.log("the service said", await answer.text());
        return new Response("called");
      }
      case "/ok":
        console.log("handled");
        return new Response("ok");
      default:
        return new Response("not found", { status: 404 });
    }
  },
  async scheduled(event) {
    console.log({ message: "cron fired", correlation_id: "runtime-cron", cron: event.cron });
    throw new Error("thrown in scheduled");
  },
  async queue(batch) {
    for (const message of batch.messages) {
      console.log({ message: "took", correlation_id: "runtime-queue", order: message.body.order });
    }
    throw new Error("thrown in queue");
  },
};
