import { useEffect, useRef, useState } from 'preact/hooks';
import { useFetch } from '../../lib/fetching';
import { describe, type Filter, isId, parseFilter, withFilter } from '../../lib/filters';
import { LEVELS } from '../../lib/model';
import { plain } from '../../lib/safe';
import { useView } from '../../lib/view';
import type { WireWorkers } from '../../lib/wire';
import { Icon } from '../../parts/icon';
import { SafeText } from '../../parts/text';

const KINDS = ['log', 'exception', 'request', 'span'];

/** Filters as they are set, and the ways to set one. */
export function FilterBar() {
  const [{ filters }, go] = useView();
  const [text, setText] = useState('');
  const [hint, setHint] = useState('');
  const box = useRef<HTMLInputElement>(null);
  const { data } = useFetch<WireWorkers>('/api/workers?from=7d&limit=1000', { every: () => 60_000 });
  const workers = data?.workers.map((w) => w.worker_name) ?? [];

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key === '/' && !event.ctrlKey && !event.metaKey && !/^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName)) {
        event.preventDefault();
        box.current?.focus();
      }
    };
    addEventListener('keydown', onKey);
    return () => removeEventListener('keydown', onKey);
  }, []);

  const add = (filter: Filter) => go((view) => ({ ...view, filters: withFilter(view.filters, filter), row: null }), 'push');
  const remove = (filter: Filter) => go((view) => ({ ...view, filters: view.filters.filter((f) => describe(f) !== describe(filter)), row: null }), 'push');
  const choose = (name: string, value: string) =>
    value === '' ? go((view) => ({ ...view, filters: view.filters.filter((f) => f.name !== name), row: null }), 'push') : add({ name, op: '=', value });
  const chosen = (name: string) => filters.find((f) => f.name === name)?.value ?? '';

  const onSubmit = (event: Event) => {
    event.preventDefault();
    const written = text.trim();
    if (written !== '') {
      add(written.startsWith('"') ? { name: 'q', op: '=', value: written.replace(/^"|"$/g, '') } : parseFilter(written) ?? { name: 'q', op: '=', value: written });
      setText('');
      setHint('');
    }
  };
  const onInput = (value: string) => {
    setText(value);
    const filter = parseFilter(value.trim());
    setHint(value.trim() === '' ? '' : filter ? `Enter filters by ${describe(filter)}` : 'Enter searches messages and contexts');
  };

  return (
    <div class="filters">
      <form role="search" class="filter-form" onSubmit={onSubmit}>
        <div class="search">
          <Icon name="search" />
          <input
            ref={box} type="text" value={text} aria-label="Search, or filter by name and value" spellcheck={false} autocomplete="off"
            placeholder="Search, or attr.http.route=/cart, wall_time_ms>=250 …" aria-describedby="filter-hint"
            onInput={(e) => onInput(e.currentTarget.value)}
            onKeyDown={(e) => e.key === 'Escape' && (setText(''), setHint(''), e.currentTarget.blur())}
          />
          <kbd aria-hidden="true">/</kbd>
          {isId(text) && (
            <button type="button" class="link" onClick={() => go({ page: 'correlation', id: text.trim() }, 'push')}>Show this correlation</button>
          )}
          <span id="filter-hint" class="search-hint" aria-live="polite"><SafeText text={hint} /></span>
        </div>
        <Choice label="Level" value={chosen('level')} options={[...LEVELS].reverse()} text={(l) => (l === 'error' ? 'error' : `${l} or worse`)} onChange={(v) => choose('level', v)} />
        <Choice label="Kind" value={chosen('kind')} options={KINDS} onChange={(v) => choose('kind', v)} />
        <Choice label="Worker" value={chosen('worker')} options={workers} onChange={(v) => choose('worker', v)} />
      </form>
      {filters.length > 0 && (
        <ul class="chips" aria-label="Filters">
          {filters.map((filter) => (
            <li key={describe(filter)} class="chip">
              <span><SafeText text={describe(filter)} /></span>
              <button type="button" aria-label={plain(`Remove the filter ${describe(filter)}`)} onClick={() => remove(filter)}><Icon name="close" /></button>
            </li>
          ))}
          {filters.length > 1 && <li><button type="button" class="link" onClick={() => go({ filters: [], row: null }, 'push')}>Clear all</button></li>}
        </ul>
      )}
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: string[];
  text?: (value: string) => string;
  onChange: (value: string) => void;
}

function Choice({ label, value, options, text = plain, onChange }: ChoiceProps) {
  const all = value !== '' && !options.includes(value) ? [value, ...options] : options;
  return (
    <select aria-label={label} value={value} data-set={value !== ''} onChange={(e) => onChange(e.currentTarget.value)}>
      <option value="">{label}</option>
      {all.map((option) => <option key={option} value={option}>{text(option)}</option>)}
    </select>
  );
}
