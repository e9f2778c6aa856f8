import { useEffect, useRef, useState } from 'preact/hooks';

export interface ListKeys {
  move: (by: number) => void;
  open: () => void;
  close: () => void;
}

/** j, k and the arrows, enter, esc; not while somebody types or is on a control that has its own use for them. */
export function useListKeys(keys: ListKeys): void {
  const latest = useRef(keys);
  latest.current = keys;
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const isTyping = /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) {
        return;
      }
      const isOnList = target === document.body || target.closest('[role=listbox]') !== null;
      const { move, open, close } = latest.current;
      const actions: Record<string, (() => void) | undefined> = {
        j: () => move(1),
        k: () => move(-1),
        ArrowDown: isOnList ? () => move(1) : undefined,
        ArrowUp: isOnList ? () => move(-1) : undefined,
        Enter: isOnList ? open : undefined,
        Escape: close,
      };
      const action = actions[event.key];
      if (action) {
        event.preventDefault();
        action();
        if (!isOnList && /^[jk]$/.test(event.key)) {
          // So that enter opens the row and does not press the button that was clicked last.
          document.querySelector<HTMLElement>('.log-list')?.focus({ preventScroll: true });
        }
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);
}

export function useMedia(query: string): boolean {
  const [matches, setMatches] = useState(() => matchMedia(query).matches);
  useEffect(() => {
    const media = matchMedia(query);
    const tell = () => setMatches(media.matches);
    tell();
    media.addEventListener('change', tell);
    return () => media.removeEventListener('change', tell);
  }, [query]);
  return matches;
}
