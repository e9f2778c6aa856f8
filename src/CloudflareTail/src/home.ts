/** What `wrangler dev` puts in front of a line, coloured in a terminal: the name of the Worker in brackets. */
const prefix = /^(?:\x1b\[\d+m)*\[([^\]\x1b]{1,255})\](?:\x1b\[\d+m)*$/;

/** Levels of the lines that it does so for. */
const prefixed = new Set(["log", "debug", "info"]);

interface Line {
  level?: unknown;
  message?: unknown;
}

/**
 * The JSON text of an event of a runtime at home, which does not say whose event it is: the name that `wrangler dev` put in front of
 * each line counts, and is taken off again, since it would make two arguments of one object; else `workerName`. An event that
 * has a name stays as it is.
 */
export function withName(text: string, workerName: string | undefined): string {
  const event = JSON.parse(text) as { scriptName?: unknown; logs?: unknown } | null;
  if (event === null || typeof event !== "object" || Array.isArray(event) || event.scriptName) {
    return text;
  }
  const lines = (Array.isArray(event.logs) ? event.logs : []).filter(isPrefixed);
  const names = new Set(lines.map(({ message: [first] }) => (typeof first === "string" ? prefix.exec(first)?.[1] : undefined)));
  const name = names.size === 1 ? [...names][0] : undefined;
  if (name !== undefined) {
    for (const line of lines) {
      line.message.shift();
    }
  }
  const scriptName = name ?? workerName;
  return scriptName ? JSON.stringify({ ...event, scriptName }) : text;
}

function isPrefixed(line: Line | null): line is { level: string; message: unknown[] } {
  return typeof line === "object" && line !== null && prefixed.has(String(line.level)) && Array.isArray(line.message);
}
