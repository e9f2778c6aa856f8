import { useMemo, useRef } from 'preact/hooks';
import { duration } from '../../lib/format';
import type { Gap, Row } from '../../lib/model';
import { plain } from '../../lib/safe';
import { useView } from '../../lib/view';
import { type Bar, ticks, type Waterfall } from '../../lib/waterfall';
import { Icon } from '../../parts/icon';
import { SafeText } from '../../parts/text';
import { VirtualList } from '../../parts/virtual';
import { Minimap } from './minimap';
import { workerColor } from './workerColor';

export interface WaterfallProps {
  waterfall: Waterfall;
  gaps: Gap[];
  workers: string[];
  selectedId: string | null;
  onOpen: (row: Row) => void;
  isNarrow: boolean;
}

const ROW = 22;

/** Requests and spans as bars; only those in sight exist, so that 10,000 cost no more than 40. */
export function WaterfallView({ waterfall, gaps, workers, selectedId, onOpen, isNarrow }: WaterfallProps) {
  const [view, go] = useView();
  const box = useRef<HTMLDivElement>(null);
  const { bars, total } = waterfall;
  const indexes = useMemo(() => indexOf(waterfall), [waterfall]);
  const [from, to] = view.zoom ?? [0, total];
  const selected = selectedId === null ? -1 : indexes.get(selectedId) ?? -1;
  const zoom = (window: [number, number] | null, write: 'push' | 'replace' = 'push') => go({ zoom: clamp(window, total) }, write);

  const onWheel = (event: WheelEvent) => {
    const area = box.current!.querySelector('.bar-area')?.getBoundingClientRect();
    if ((event.ctrlKey || event.altKey) && area) {
      event.preventDefault();
      const at = from + ((event.clientX - area.left) / area.width) * (to - from);
      const factor = event.deltaY > 0 ? 1.25 : 0.8;
      zoom([at - (at - from) * factor, at + (to - at) * factor], 'replace');
    }
  };
  const height = Math.min(bars.length * ROW + 4, isNarrow ? 240 : 380);
  return (
    <section class="waterfall" aria-label="Waterfall" ref={box} onWheel={onWheel}>
      <div class="waterfall-head">
        <span class="muted waterfall-label">{view.adjustSkew ? 'Adjusted times' : 'Times as they were sent'}</span>
        <Minimap waterfall={waterfall} workers={workers} window={[from, to]} onWindow={zoom} />
        <span class="waterfall-tools">
          <button type="button" class="icon-button" title="Zoom in (ctrl + wheel)" aria-label="Zoom in" onClick={() => zoom(around(from, to, 0.5))}><Icon name="plus" /></button>
          <button type="button" class="icon-button" title="Show all" aria-label="Show all of the time" disabled={view.zoom === null} onClick={() => zoom(null)}><Icon name="zoomOut" /></button>
        </span>
      </div>
      <div class="waterfall-axis" aria-hidden="true">
        <span class="waterfall-label" />
        <div class="axis-area">
          {ticks(from, to, isNarrow ? 3 : 7).filter((t) => t - from < (to - from) * 0.94).map((t) => <span key={t} class="tick" style={{ left: `${((t - from) / (to - from || 1)) * 100}%` }}>{duration(t)}</span>)}
          <GapMarks gaps={gaps} start={waterfall.start.ms} from={from} to={to} />
        </div>
      </div>
      <div class="waterfall-list" style={{ height: `${height}px` }}>
        <VirtualList
          id="bars" label="Requests and spans" count={bars.length} rowHeight={ROW} selected={selected} selectedKey={selectedId}
          render={(i) => {
            const bar = bars[i]!;
            return <BarRow key={bar.row.id} bar={bar} id={`bars-${i}`} from={from} to={to} selected={i === selected} selectedId={selectedId} color={workerColor(bar.row.worker, workers)} onOpen={onOpen} />;
          }}
        />
      </div>
    </section>
  );
}

/** Where rows of these workers were lost, over the axis. */
function GapMarks({ gaps, start, from, to }: { gaps: Gap[]; start: number; from: number; to: number }) {
  const share = (ms: number) => ((ms - start - from) / (to - from || 1)) * 100;
  return (
    <>
      {gaps.filter((gap) => share(gap.to) >= 0 && share(gap.from) <= 100).map((gap, i) => {
        const [left, right] = [Math.max(0, share(gap.from)), Math.min(100, share(gap.to))];
        return <i key={i} class="axis-gap" style={{ left: `${left}%`, width: `${right - left}%` }} />;
      })}
    </>
  );
}

interface BarRowProps {
  bar: Bar;
  id: string;
  from: number;
  to: number;
  selected: boolean;
  selectedId: string | null;
  color: string;
  onOpen: (row: Row) => void;
}

/** Deeper ones would leave no room for their names. */
const DEEPEST = 14;

function BarRow({ bar, id, from, to, selected, selectedId, color, onOpen }: BarRowProps) {
  const { row } = bar;
  const share = (ms: number) => ((ms - from) / (to - from || 1)) * 100;
  const left = share(bar.start);
  const right = share(bar.end);
  const isSeen = right >= 0 && left <= 100;
  return (
    <div class={`bar-row ${bar.hasError ? 'has-error' : ''}`} role="option" id={id} aria-selected={selected} onClick={() => onOpen(row)}>
      <span class="waterfall-label" style={{ paddingLeft: `${Math.min(bar.depth, DEEPEST) * 12}px` }} title={plain(`${row.worker}: ${row.message.slice(0, 200)}`)}>
        <i class="swatch" style={{ background: color }} />
        {bar.isOrphan && <span class="kind" title="Its parent is not here">orphan</span>}
        <span class="bar-name"><SafeText text={row.message.slice(0, 200)} /></span>
        <span class="bar-worker muted"><SafeText text={row.worker} /></span>
        <span class="offscreen">{bar.hasError ? 'with an error, ' : ''}at {duration(bar.start)}{bar.shift === 0 ? '' : `, moved by ${duration(bar.shift)}`}</span>
      </span>
      <span class="bar-area">
        {isSeen && (
          <span class="bar" data-kind={row.kind} style={{ left: `${Math.max(-1, left)}%`, width: `${Math.min(101, right) - Math.max(-1, left)}%`, background: color }} />
        )}
        {bar.marks.filter((mark) => mark.at >= from && mark.at <= to).slice(0, 200).map((mark) => (
          <span
            key={mark.row.id} class={`mark level-${mark.row.level}`} style={{ left: `${share(mark.at)}%` }} title={plain(`${mark.row.grade ?? mark.row.level}: ${mark.row.message.slice(0, 200)}`)}
            data-selected={mark.row.id === selectedId} onClick={(event) => (event.stopPropagation(), onOpen(mark.row))}
          />
        ))}
      </span>
      <span class="bar-time">{duration(row.wallMs)}</span>
    </div>
  );
}

/** Each row's bar: its own, or the one that it is a mark on. */
function indexOf({ bars }: Waterfall): Map<string, number> {
  const indexes = new Map<string, number>();
  bars.forEach((bar, i) => {
    indexes.set(bar.row.id, i);
    bar.marks.forEach((mark) => indexes.set(mark.row.id, i));
  });
  return indexes;
}

function around(from: number, to: number, factor: number): [number, number] {
  const middle = (from + to) / 2;
  return [middle - (middle - from) * factor, middle + (to - middle) * factor];
}

function clamp(window: [number, number] | null, total: number): [number, number] | null {
  if (window === null) {
    return null;
  }
  const from = Math.max(0, window[0]);
  const to = Math.min(total, window[1]);
  // Below a microsecond there is nothing left to see.
  return (from === 0 && to === total) || to - from < 0.001 ? null : [from, to];
}
