import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';

export interface VirtualProps {
  count: number;
  rowHeight: number;
  label: string;
  id: string;
  /** -1: none. */
  selected: number;
  /** Names the selected row; it is scrolled into view when this changes, not when new rows push it down. */
  selectedKey: string | null;
  /** Rows that came in at the top since the list began: what somebody reads stays where it is. */
  added?: number;
  render: (index: number) => ComponentChildren;
  onEnd?: () => void;
  class?: string;
}

const OVERSCAN = 8;

/** Only the rows in sight exist. Rows are `role="option"` elements that the caller renders, each `rowHeight` tall. */
export function VirtualList(props: VirtualProps) {
  const { count, rowHeight, selected, added = 0 } = props;
  const box = useRef<HTMLDivElement>(null);
  const [{ top, height }, setWindow] = useState({ top: 0, height: 600 });
  const total = count * rowHeight;

  const read = () => {
    const el = box.current!;
    setWindow((w) => (w.top === el.scrollTop && w.height === el.clientHeight ? w : { top: el.scrollTop, height: el.clientHeight }));
    if (el.scrollTop + el.clientHeight > el.scrollHeight - 40 * rowHeight) {
      props.onEnd?.();
    }
  };
  useLayoutEffect(() => {
    const observer = new ResizeObserver(read);
    observer.observe(box.current!);
    return () => observer.disconnect();
  }, []);
  const addedBefore = useRef(added);
  useLayoutEffect(() => {
    const el = box.current!;
    if (added > addedBefore.current && el.scrollTop > rowHeight) {
      el.scrollTop += (added - addedBefore.current) * rowHeight;
    }
    addedBefore.current = added;
    read();
  }, [added, count]);
  useLayoutEffect(() => {
    const el = box.current!;
    const at = selected * rowHeight;
    if (selected >= 0 && (at < el.scrollTop || at + rowHeight > el.scrollTop + el.clientHeight)) {
      el.scrollTop = Math.max(0, at < el.scrollTop ? at - rowHeight : at + 2 * rowHeight - el.clientHeight);
    }
  }, [props.selectedKey, selected >= 0, rowHeight]);

  const first = Math.max(0, Math.floor(top / rowHeight) - OVERSCAN);
  const last = Math.min(count, Math.ceil((top + height) / rowHeight) + OVERSCAN);
  const rows = [];
  for (let i = first; i < last; i++) {
    rows.push(props.render(i));
  }
  return (
    <div
      ref={box} class={`virtual ${props.class ?? ''}`} id={props.id} role="listbox" aria-label={props.label} tabIndex={0}
      aria-activedescendant={selected >= first && selected < last ? `${props.id}-${selected}` : undefined} onScroll={read}
    >
      <div class="virtual-space" role="presentation" style={{ height: `${total}px` }}>
        <div role="presentation" style={{ transform: `translateY(${first * rowHeight}px)` }}>{rows}</div>
      </div>
    </div>
  );
}
