import { parseExact } from './exact';

/** The one way to the API. Errors are values that can be shown. */
export class ApiError extends Error {
  constructor(readonly status: number, message: string) {
    super(message);
  }

  /** Nobody answered at all: the collector is away. */
  get isAway(): boolean {
    return this.status === 0;
  }
}

export interface Answer<T> {
  data: T;
  etag: string | null;
}

/** Null where the server says that what we have is still right. */
export async function get<T>(path: string, signal: AbortSignal, etag?: string | null): Promise<Answer<T> | null> {
  let response: Response;
  try {
    response = await fetch(path, { signal, headers: etag ? { 'If-None-Match': etag } : {}, cache: 'no-store' });
  } catch (error) {
    if (signal.aborted) {
      throw error;
    }
    reach(false);
    throw new ApiError(0, 'The collector does not answer.');
  }
  reach(true);
  askForLogin(response);
  if (response.status === 304) {
    return null;
  }
  if (!response.ok) {
    throw new ApiError(response.status, await problem(response));
  }
  return { data: parseExact<T>(await response.text()), etag: response.headers.get('ETag') };
}

async function problem(response: Response): Promise<string> {
  try {
    const body = (await response.json()) as { detail?: string; title?: string; parameter?: string };
    return [body.parameter && `${body.parameter}:`, body.detail ?? body.title].filter(Boolean).join(' ');
  } catch {
    return `The collector answered ${response.status}.`;
  }
}

/** Goes to the login, which leads back here, where the answer says that one is needed: the last one has ended. */
function askForLogin(response: Response): void {
  if (response.status === 401) {
    location.assign(`/login?return=${encodeURIComponent(location.pathname + location.search)}`);
  }
}

/** Asks nothing but whether somebody answers, and would answer us: for pages that have nothing else to ask. */
export async function probe(): Promise<void> {
  try {
    const response = await fetch('/api/status', { method: 'HEAD', cache: 'no-store' });
    reach(true);
    askForLogin(response);
  } catch {
    reach(false);
  }
}

type Listener = (isReached: boolean) => void;
const listeners = new Set<Listener>();
let reached = true;

/** Every request and stream tells here whether somebody answered; the page's banner listens. */
export function reach(isReached: boolean): void {
  if (isReached !== reached) {
    reached = isReached;
    listeners.forEach((tell) => tell(isReached));
  }
}

export function onReach(tell: Listener): () => void {
  listeners.add(tell);
  return () => void listeners.delete(tell);
}
