/** An address that somebody listens on, as it is reached from here: one that stands for all of a machine is the page's own. */
export function reachable(address: string, pageHost: string): string {
  const match = /^(.*):(\d+)$/.exec(address);
  return match && (match[1] === '0.0.0.0' || match[1] === '[::]') ? `${pageHost}:${match[2]}` : address;
}
