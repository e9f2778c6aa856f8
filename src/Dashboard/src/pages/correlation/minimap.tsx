import { useEffect, useRef, useState } from 'preact/hooks';
import { moveWindow, type Waterfall } from '../../lib/waterfall';
import { color } from '../../parts/chartStyle';
import { workerColor } from './workerColor';

export interface MinimapProps {
  waterfall: Waterfall;
  workers: string[];
  window: [number, number];
  onWindow: (window: [number, number] | null, write?: 'push' | 'replace') => void;
}

/** All bars at a glance, and the window into them: drag or use keys to choose one, double click or 0 to leave it. */
export function Minimap({ waterfall, workers, window: shown, onWindow }: MinimapProps) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [drag, setDrag] = useState<[number, number] | null>(null);
  const { total } = waterfall;
  useEffect(() => {
    const el = canvas.current!;
    const draw = () => paint(el, waterfall, workers);
    const observer = new ResizeObserver(draw);
    observer.observe(el);
    const scheme = matchMedia('(prefers-color-scheme: dark)');
    scheme.addEventListener('change', draw);
    return () => {
      observer.disconnect();
      scheme.removeEventListener('change', draw);
    };
  }, [waterfall, workers]);

  const at = (event: PointerEvent) => {
    const box = canvas.current!.getBoundingClientRect();
    return Math.max(0, Math.min(1, (event.clientX - box.left) / box.width)) * total;
  };
  const [from, to] = drag ? [Math.min(...drag), Math.max(...drag)] : shown;
  const onKeyDown = (event: KeyboardEvent) => {
    const moved = moveWindow(event.key, shown, total);
    if (moved !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      onWindow(moved, 'replace');
    }
  };
  const share = (ms: number) => (total > 0 ? (ms / total) * 100 : 0);
  return (
    <div
      class="minimap" title="Drag to zoom, double click to see all; keys: + − ← → 0" tabIndex={0} role="group" onKeyDown={onKeyDown}
      aria-label="Window of time: plus and minus zoom, left and right move, 0 shows all"
      onPointerDown={(e) => (e.currentTarget.setPointerCapture(e.pointerId), setDrag([at(e), at(e)]))}
      onPointerMove={(e) => drag && setDrag([drag[0], at(e)])}
      onPointerUp={() => {
        if (drag && Math.abs(drag[1] - drag[0]) > total / 200) {
          onWindow([Math.min(...drag), Math.max(...drag)]);
        }
        setDrag(null);
      }}
      onPointerCancel={() => setDrag(null)} onDblClick={() => onWindow(null)}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <span class="minimap-out" style={{ left: 0, width: `${share(from)}%` }} />
      <span class="minimap-out" style={{ left: `${share(to)}%`, right: 0 }} />
    </div>
  );
}

function paint(el: HTMLCanvasElement, { bars, total }: Waterfall, workers: string[]): void {
  const scale = devicePixelRatio;
  el.width = el.clientWidth * scale;
  el.height = el.clientHeight * scale;
  const ctx = el.getContext('2d')!;
  const line = Math.max(1, Math.min(3 * scale, el.height / bars.length));
  const colors = new Map(workers.map((worker) => [worker, color(el, workerColor(worker, workers).slice(4, -1))]));
  const error = color(el, '--error');
  bars.forEach((bar, i) => {
    ctx.fillStyle = bar.row.level === 'error' ? error : colors.get(bar.row.worker)!;
    const left = (bar.start / (total || 1)) * el.width;
    ctx.fillRect(left, (i / bars.length) * el.height, Math.max(1, ((bar.end - bar.start) / (total || 1)) * el.width), line);
  });
}
