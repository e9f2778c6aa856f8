import { useEffect, useRef, useState } from 'preact/hooks';
import { dateTime } from '../lib/format';
import { bounds, isRelative, localInput, PRESETS, rangeBetween, zoomOut } from '../lib/range';
import { useView } from '../lib/view';
import { Icon } from './icon';

/** Which time is shown: a span back from now, or two fixed times that somebody brushed or wrote. */
export function RangeBar() {
  const [{ range }, go] = useView();
  const [isOpen, setOpen] = useState(false);
  const opener = useRef<HTMLButtonElement>(null);
  const [from, to] = bounds(range, Date.now());
  const isFixed = !isRelative(range);
  const isOneDay = dateTime(from).slice(0, 10) === dateTime(to).slice(0, 10);
  const close = () => {
    setOpen(false);
    opener.current?.focus();
  };
  return (
    <div class="range" role="group" aria-label="Time range">
      <button ref={opener} type="button" class={isFixed ? 'range-fixed' : 'icon-button'} aria-expanded={isOpen} title="Choose two times" onClick={() => setOpen(!isOpen)}>
        {isFixed ? `${dateTime(from)} – ${dateTime(to).slice(isOneDay ? 11 : 0)}` : <Icon name="clock" />}
        <span class="offscreen">{isFixed ? ', choose other times' : 'Choose two times'}</span>
      </button>
      <div class="segmented">
        {PRESETS.map((preset) => (
          <button key={preset} type="button" aria-pressed={!isFixed && range.from === preset} onClick={() => go({ range: { from: preset, to: null } }, 'push')}>
            {preset}
          </button>
        ))}
      </div>
      <button type="button" class="icon-button" aria-label="Zoom out" title="Zoom out" onClick={() => go({ range: zoomOut(range, Date.now()) }, 'push')}>
        <Icon name="zoomOut" />
      </button>
      {isOpen && <TwoTimes from={from} to={to} onClose={close} />}
    </div>
  );
}

function TwoTimes({ from, to, onClose }: { from: number; to: number; onClose: () => void }) {
  const [, go] = useView();
  const [written, setWritten] = useState(() => ({ from: localInput(from), to: localInput(to) }));
  const first = useRef<HTMLInputElement>(null);
  useEffect(() => first.current?.focus(), []);
  const range = rangeBetween(written.from, written.to);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    if (range) {
      go({ range }, 'push');
      onClose();
    }
  };
  return (
    <form class="two-times" aria-label="From and to" onSubmit={onSubmit} onKeyDown={(e) => e.key === 'Escape' && (e.stopPropagation(), onClose())}>
      <label>From <input ref={first} type="datetime-local" step="1" value={written.from} onInput={(e) => setWritten({ ...written, from: e.currentTarget.value })} /></label>
      <label>To <input type="datetime-local" step="1" value={written.to} onInput={(e) => setWritten({ ...written, to: e.currentTarget.value })} /></label>
      <span class="two-times-end">
        <span class="is-error" role="status">{range ? '' : 'To must be behind from'}</span>
        <button type="submit" class="button" disabled={!range}>Show</button>
      </span>
    </form>
  );
}
