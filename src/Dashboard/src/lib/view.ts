import { createContext } from 'preact';
import { useCallback, useContext, useEffect, useState } from 'preact/hooks';
import { readView, type View, writeView } from './url';

/** "push" where somebody would want to come back to what is shown now, "replace" where not. */
export type Write = 'push' | 'replace';
export type Go = (next: Partial<View> | ((view: View) => View), write: Write) => void;

const current = (): View => readView(location.pathname, location.search);

/** The one place that reads and writes the address. */
export function useAddress(): [View, Go] {
  const [view, setView] = useState(current);
  useEffect(() => {
    const onPop = () => setView(current());
    addEventListener('popstate', onPop);
    return () => removeEventListener('popstate', onPop);
  }, []);
  const go = useCallback<Go>((next, write) => {
    const before = current();
    const after = typeof next === 'function' ? next(before) : { ...before, ...next };
    const url = writeView(after);
    if (url === location.pathname + location.search) {
      return;
    }
    history[write === 'push' ? 'pushState' : 'replaceState'](null, '', url);
    setView(current());
  }, []);
  return [view, go];
}

export const ViewContext = createContext<[View, Go]>(null!);
export const useView = (): [View, Go] => useContext(ViewContext);
