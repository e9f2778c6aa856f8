import { count } from '../../lib/format';
import { isNameless } from '../../lib/model';
import type { LedgerCounts, WireLedger } from '../../lib/wire';
import { FirstRecord } from '../../parts/notes';
import { SafeText } from '../../parts/text';

/** What needs attention stands where a narrow screen still shows it. */
const COLUMNS: { name: keyof LedgerCounts; label: string; hint: string; className?: string }[] = [
  { name: 'received', label: 'Received', hint: 'All rows that came in' },
  { name: 'stored', label: 'Stored', hint: 'Committed to the store' },
  { name: 'dropped', label: 'Dropped', hint: 'Lost: nobody was left to tell', className: 'is-dropped' },
  { name: 'refused', label: 'Refused', hint: 'The producer was told to try again', className: 'is-refused' },
  { name: 'recovered', label: 'Recovered', hint: 'Of the refused ones: came again and were kept. The others are lost, unless their producer still tries' },
  { name: 'rejected', label: 'Rejected', hint: 'Could not be taken, and will not be' },
  { name: 'duplicate', label: 'Duplicate', hint: 'Repeats of what is stored' },
  { name: 'spooled', label: 'Spooled', hint: 'On disk, waiting for the store' },
  { name: 'in_flight', label: 'In flight', hint: 'In the queue or being written' },
];

const MOST_NAMED = 5;

export function LedgerTable({ ledger }: { ledger: WireLedger }) {
  if (ledger.producers.length === 0) {
    return <><p class="muted">Nothing has been received yet.</p><FirstRecord /></>;
  }
  const producers = [...ledger.producers].sort((a, b) => b.dropped - a.dropped || b.refused - a.refused || b.received - a.received);
  return (
    <div class="table-scroll" tabIndex={0} role="region" aria-label="Ledger">
      <table>
        <thead>
          <tr>
            <th scope="col">Producer</th>
            {COLUMNS.map(({ name, label, hint }) => <th key={name} scope="col" title={hint} data-idle={isIdle(ledger, name)}>{label}</th>)}
            <th scope="col" class="text">Reasons</th>
          </tr>
        </thead>
        <tbody>
          {ledger.producers.length > 1 && <tr class="total"><td>All</td><Counts counts={ledger.total} ledger={ledger} /><td /></tr>}
          {producers.map((producer) => (
            <tr key={producer.worker_name}>
              <td><SafeText text={producer.worker_name} /></td>
              <Counts counts={producer} ledger={ledger} />
              <td class="text reasons muted">{Object.entries(producer.reasons).map(([reason, n]) => `${reason.replaceAll('_', ' ')} ${count(n)}`).join(', ')}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Producers that nobody can tell apart, and how they get a name. */
export function Nameless({ ledger }: { ledger: WireLedger }) {
  const names = ledger.producers.map((producer) => producer.worker_name).filter(isNameless);
  return names.length === 0 ? null : (
    <p class="note nameless">
      <b>Without a name:</b> <SafeText text={names.slice(0, MOST_NAMED).join(', ')} />{names.length > MOST_NAMED && ` and ${count(names.length - MOST_NAMED)} more`}.
      {' '}Whatever does not say whose it is stands here together. Set OTEL_SERVICE_NAME where it runs, or the resource attribute service.name;
      a Worker at home gets WORKER_NAME.
    </p>
  );
}

/** On a narrow screen a column of nothing gives its place to refused and dropped, which are always told. */
function isIdle(ledger: WireLedger, name: keyof LedgerCounts): boolean {
  return ledger.total[name] === 0 && name !== 'refused' && name !== 'dropped';
}

function Counts({ counts, ledger }: { counts: LedgerCounts; ledger: WireLedger }) {
  return (
    <>
      {COLUMNS.map(({ name, className }) => {
        const n = counts[name];
        return <td key={name} data-column={name} data-idle={isIdle(ledger, name)} class={n === 0 ? 'zero' : className}>{count(n)}</td>;
      })}
    </>
  );
}
