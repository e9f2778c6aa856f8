import type { ComponentChildren } from 'preact';
import { writeExact } from '../lib/exact';
import { clock, day, duration } from '../lib/format';
import type { Row } from '../lib/model';
import { plain } from '../lib/safe';
import { openPage, writeView } from '../lib/url';
import { useView } from '../lib/view';
import { CopyButton } from './copy';
import { Icon } from './icon';
import { FutureMark, LevelWord } from './marks';
import { SafeText } from './text';
import { Tree } from './tree';

export interface DetailsProps {
  row: Row;
  onFilter?: (name: string, value: string) => void;
  onClose: () => void;
  showCorrelation: boolean;
}

type Values = Record<string, unknown>;
const isValues = (value: unknown): value is Values => typeof value === 'object' && value !== null && !Array.isArray(value);
const isFull = (value: Values) => Object.keys(value).length > 0;

/** All of one row. */
export function Details({ row, onFilter, onClose, showCorrelation }: DetailsProps) {
  const [view, go] = useView();
  const { attributes, ...rest } = row.wire.context;
  const { attributes: resource, ...scope } = row.wire.resource;
  const own = isValues(attributes) ? attributes : {};
  const stack = own['exception.stacktrace'];
  const correlation = openPage('correlation', view, { id: row.correlationId });
  const byAttribute = onFilter && ((name: string, value: string) => onFilter('attr.' + name, value));
  return (
    <aside class="details" aria-label="Row">
      <header>
        <LevelWord row={row} class={`level-pill level-${row.level}`} />
        <span class="details-worker"><SafeText text={row.worker} /></span>
        <span class="details-tools">
          <CopyButton text={writeExact(row.wire)} label="Copy the row as JSON" />
          <button type="button" class="icon-button" aria-label="Close" title="Close (esc)" onClick={onClose}><Icon name="close" /></button>
        </span>
      </header>
      <div class="details-body" tabIndex={0} role="region" aria-label="Details">
        <p class="details-message"><SafeText text={row.message} links /></p>
        {showCorrelation && (
          <a class="button" href={writeView(correlation)} onClick={(e) => (e.preventDefault(), go(() => correlation, 'push'))}>
            <Icon name="trace" />Show the whole correlation
          </a>
        )}
        <dl class="fields">
          <Field name="time" value={row.wire.timestamp}>{day(row.time.ms)} {clock(row.time)} <FutureMark row={row} /></Field>
          <Field name="kind" value={row.kind} onFilter={onFilter} />
          <Field name="duration" value={row.wallMs === null ? null : String(row.wallMs)}>{duration(row.wallMs)}</Field>
          <Field name="cpu" value={row.cpuMs === null ? null : String(row.cpuMs)}>{duration(row.cpuMs)}</Field>
          <Field name="outcome" value={row.outcome} onFilter={onFilter} />
          <Field name="worker" value={row.worker} onFilter={onFilter} />
          <Field name="correlation_id" value={row.correlationId} onFilter={onFilter} />
          <Field name="trace_id" value={row.traceId} onFilter={onFilter} />
          <Field name="request_id" value={row.requestId} onFilter={onFilter} />
          <Field name="span" value={row.spanId} />
          <Field name="parent span" value={row.parentSpanId} />
        </dl>
        {typeof stack === 'string' && <Section title="Stack"><pre class="stack" tabIndex={0}><SafeText text={stack} links /></pre></Section>}
        {isFull(own) && <Section title="Attributes"><Tree value={own} onFilter={byAttribute} /></Section>}
        {isFull(rest) && <Section title="Context"><Tree value={rest} /></Section>}
        {isValues(resource) && <Section title="Resource"><Tree value={resource} onFilter={byAttribute} /></Section>}
        {isFull(scope) && <Section title="Scope and more"><Tree value={scope} /></Section>}
      </div>
    </aside>
  );
}

function Section({ title, children }: { title: string; children: ComponentChildren }) {
  return <section><h3>{title}</h3>{children}</section>;
}

interface FieldProps {
  name: string;
  value: string | null;
  onFilter?: (name: string, value: string) => void;
  children?: ComponentChildren;
}

function Field({ name, value, onFilter, children }: FieldProps) {
  if (value === null) {
    return null;
  }
  return (
    <div class="field">
      <dt>{name.replaceAll('_', ' ')}</dt>
      <dd title={plain(value)}>{children ?? <SafeText text={value} />}</dd>
      <dd class="tree-tools">
        {onFilter && (
          <button type="button" class="icon-button" aria-label={plain(`Filter by ${name} = ${value}`)} title="Filter by this value" onClick={() => onFilter(name, value)}>
            <Icon name="filter" />
          </button>
        )}
        <CopyButton text={value} label={`Copy ${name}`} />
      </dd>
    </div>
  );
}
