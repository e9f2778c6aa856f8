import { dateTime } from '../lib/format';
import { bounds, isRelative, PRESETS, zoomOut } from '../lib/range';
import { useView } from '../lib/view';
import { Icon } from './icon';

/** Which time is shown: a span back from now, or two fixed times that somebody brushed. */
export function RangeBar() {
  const [{ range }, go] = useView();
  const [from, to] = bounds(range, Date.now());
  return (
    <div class="range" role="group" aria-label="Time range">
      {!isRelative(range) && <span class="range-fixed">{dateTime(from)} – {dateTime(to).slice(dateTime(from).slice(0, 10) === dateTime(to).slice(0, 10) ? 11 : 0)}</span>}
      <div class="segmented">
        {PRESETS.map((preset) => (
          <button key={preset} type="button" aria-pressed={isRelative(range) && range.from === preset} onClick={() => go({ range: { from: preset, to: null } }, 'push')}>
            {preset}
          </button>
        ))}
      </div>
      <button type="button" class="icon-button" aria-label="Zoom out" title="Zoom out" onClick={() => go({ range: zoomOut(range, Date.now()) }, 'push')}>
        <Icon name="zoomOut" />
      </button>
    </div>
  );
}
