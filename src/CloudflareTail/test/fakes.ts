import { gunzipSync } from "node:zlib";
import type { Means } from "../src/forward.js";

export interface Sent {
  url: string;
  headers: Record<string, string>;
  events: unknown[];
}

/** A world whose time passes only while it sleeps, and whose server answers as it is told. */
export class ScriptedWorld implements Means {
  readonly sent: Sent[] = [];
  readonly pauses: number[] = [];
  readonly complaints: string[] = [];
  private time = 0;

  /**
   * @param answer Called with the events of each request; throws for a broken network.
   * @param lateness By how many milliseconds each sleep is longer than asked for.
   */
  constructor(
    private readonly answer: (events: unknown[], attempt: number) => Response,
    private readonly lateness = 0,
  ) {}

  async fetch(url: string, init: RequestInit): Promise<Response> {
    // A request without any time left fails before it has begun.
    await new Promise((resolve) => setTimeout(resolve, 5));
    init.signal?.throwIfAborted();
    const events = JSON.parse(gunzipSync(Buffer.from(init.body as ArrayBuffer)).toString()) as unknown[];
    this.sent.push({ url, headers: init.headers as Record<string, string>, events });
    return this.answer(events, this.sent.length);
  }

  async sleep(milliseconds: number): Promise<void> {
    this.pauses.push(milliseconds);
    this.time += milliseconds + this.lateness;
  }

  now(): number {
    return this.time;
  }

  random(): number {
    return 1;
  }

  complain(message: string): void {
    this.complaints.push(message);
  }
}

export function accepted(count: number): Response {
  return new Response(JSON.stringify({ accepted: count, rejected: 0, reasons: [] }));
}
