import { type Env, forward, type Means } from "./forward.js";

const means: Means = {
  fetch: (url, init) => fetch(url, init),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
  now: () => Date.now(),
  random: () => Math.random(),
  complain: (message) => console.error(message),
};

export default {
  // Returns at once, and what it started never rejects: a tail consumer must not cost its producers anything.
  tail(events: TraceItem[], env: Env, ctx: ExecutionContext): void {
    ctx.waitUntil(forward(events, env, means));
  },
};
