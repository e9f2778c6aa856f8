import type * as preact from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { count, dateTime, duration } from '../../lib/format';
import { parseMoment } from '../../lib/model';
import { useView } from '../../lib/view';
import type { Waterfall } from '../../lib/waterfall';
import type { WireCorrelation } from '../../lib/wire';
import { CopyButton } from '../../parts/copy';
import { Icon } from '../../parts/icon';
import { SafeText } from '../../parts/text';
import { isYoung } from './useCorrelation';
import { workerColor } from './workerColor';

export function IdForm() {
  const [view, go] = useView();
  const [text, setText] = useState(view.id);
  useEffect(() => setText(view.id), [view.id]);
  const onSubmit = (event: Event) => {
    event.preventDefault();
    go({ id: text.trim(), row: null, zoom: null }, 'push');
  };
  return (
    <form role="search" class="filter-form" onSubmit={onSubmit}>
      <div class="search">
        <Icon name="search" />
        <input
          type="text" value={text} aria-label="Correlation id or trace id" placeholder="Correlation id or trace id" spellcheck={false} autocomplete="off"
          class="mono" onInput={(e) => setText(e.currentTarget.value)}
        />
        {view.id !== '' && <CopyButton text={view.id} label="Copy the id" />}
      </div>
      <button type="submit" class="button">Show</button>
    </form>
  );
}

export function Head({ found, waterfall }: { found: WireCorrelation; waterfall: Waterfall }) {
  const [view, go] = useView();
  const errors = found.error_count;
  const isSkewed = waterfall.bars.some((bar) => bar.shift !== 0);
  return (
    <div class="correlation-head">
      <Fact name="started">{dateTime(parseMoment(found.started_at).ms)}</Fact>
      <Fact name="duration"><b>{duration(found.wall_time_ms)}</b></Fact>
      <Fact name="errors"><b class={errors > 0 ? 'is-error' : ''}>{count(errors)}</b></Fact>
      <Fact name="spans">{count(waterfall.bars.length)}</Fact>
      <Fact name="rows">{count(found.logs.length)}{found.truncated && <span class="is-warn"> and more: only the first are shown</span>}</Fact>
      <Fact name="workers">
        <ul class="workers">
          {found.workers.map((worker) => <li key={worker}><i class="swatch" style={{ background: workerColor(worker, found.workers) }} /><SafeText text={worker} /></li>)}
        </ul>
      </Fact>
      <div class="head-tools">
        {isYoung(found, Date.now()) && <span class="list-state" data-state="live"><i class="dot" />Still young, looking for more</span>}
        <label class="toggle" title="Moves bars of other machines that lie outside their parents, as their clocks must differ">
          <input type="checkbox" checked={view.adjustSkew} onChange={(e) => go({ adjustSkew: e.currentTarget.checked, zoom: null }, 'replace')} />
          Adjust clock skew
        </label>
        {view.adjustSkew && <span class="is-warn">{isSkewed ? 'Times are adjusted, not as they were sent' : 'Nothing needed adjusting'}</span>}
      </div>
    </div>
  );
}

function Fact({ name, children }: { name: string; children: preact.ComponentChildren }) {
  return <div class="fact"><span class="muted">{name}</span><div>{children}</div></div>;
}
