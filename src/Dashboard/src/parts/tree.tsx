import { useState } from 'preact/hooks';
import { plain } from '../lib/safe';
import { CopyButton } from './copy';
import { Icon } from './icon';
import { SafeText } from './text';

export type OnFilter = (path: string, value: string) => void;

const isBranch = (value: unknown): value is object => typeof value === 'object' && value !== null;
const entriesOf = (value: object): [string, unknown][] => Object.entries(value);
/** A list of thousands is not read one by one. */
const MOST = 200;

/** A JSON value as nested lists. Values at the top can become filters; deeper ones are no attributes of the API. */
export function Tree({ value, onFilter }: { value: Record<string, unknown>; onFilter?: OnFilter }) {
  return <ul class="tree">{entriesOf(value).map(([name, v]) => <Node key={name} name={name} value={v} depth={0} onFilter={onFilter} />)}</ul>;
}

function Node({ name, value, depth, onFilter }: { name: string; value: unknown; depth: number; onFilter?: OnFilter }) {
  return isBranch(value) ? <Branch name={name} value={value} depth={depth} /> : <Leaf name={name} value={value} onFilter={onFilter} />;
}

function Branch({ name, value, depth }: { name: string; value: object; depth: number }) {
  const [open, setOpen] = useState(depth < 2);
  const entries = entriesOf(value);
  const shape = Array.isArray(value) ? `[${entries.length}]` : `{${entries.length}}`;
  return (
    <li>
      <button type="button" class="tree-branch" aria-expanded={open} onClick={() => setOpen(!open)}>
        <Icon name="chevron" /><span class="tree-name"><SafeText text={name} /></span> <span class="muted">{shape}</span>
      </button>
      {open && (
        <ul>
          {entries.slice(0, MOST).map(([n, v]) => <Node key={n} name={n} value={v} depth={depth + 1} />)}
          {entries.length > MOST && <li class="muted">… {entries.length - MOST} more; copy the row to see them</li>}
        </ul>
      )}
    </li>
  );
}

function Leaf({ name, value, onFilter }: { name: string; value: unknown; onFilter?: OnFilter }) {
  const text = value === null ? 'null' : String(value);
  return (
    <li class="tree-leaf">
      <span class="tree-name"><SafeText text={name} /></span>
      <span class={`tree-value is-${typeof value}`}><SafeText text={text} links /></span>
      <span class="tree-tools">
        {onFilter && value !== null && (
          <button type="button" class="icon-button" aria-label={plain(`Filter by ${name} = ${text}`)} title="Filter by this value" onClick={() => onFilter(name, text)}>
            <Icon name="filter" />
          </button>
        )}
        <CopyButton text={text} label={`Copy ${name}`} />
      </span>
    </li>
  );
}
