/** A request's body, and how many events are in it. */
export interface Batch {
  body: string;
  count: number;
  items: string[];
}

const encoder = new TextEncoder();

/**
 * Packs events, each a JSON text, into arrays of at most `limit` bytes. One that is longer goes alone: whether it is too
 * long is for the server to say.
 */
export function pack(items: string[], limit: number): Batch[] {
  const batches: Batch[] = [];
  let open: string[] = [];
  let bytes = 0;
  for (const item of items) {
    const length = encoder.encode(item).length + 1;
    if (open.length > 0 && bytes + length > limit) {
      batches.push(toBatch(open));
      open = [];
      bytes = 0;
    }
    open.push(item);
    bytes += length;
  }
  if (open.length > 0) {
    batches.push(toBatch(open));
  }
  return batches;
}

/** The same events in two requests. */
export function halve(batch: Batch): Batch[] {
  const middle = Math.ceil(batch.items.length / 2);
  return [toBatch(batch.items.slice(0, middle)), toBatch(batch.items.slice(middle))];
}

export async function gzip(text: string): Promise<ArrayBuffer> {
  const zipped = new Blob([text]).stream().pipeThrough(new CompressionStream("gzip"));
  return await new Response(zipped).arrayBuffer();
}

function toBatch(items: string[]): Batch {
  return { body: `[${items.join(",")}]`, count: items.length, items };
}
