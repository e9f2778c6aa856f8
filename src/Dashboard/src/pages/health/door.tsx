import { ago, count } from '../../lib/format';
import type { WireLedger } from '../../lib/wire';
import { SafeText } from '../../parts/text';

const SHOWN = 20;

/** Senders that are set up wrongly: what they send is not in the ledger, since nobody knows which rows it holds. */
export function Door({ door }: { door: WireLedger['door'] }) {
  if (door.requests === 0) {
    return null;
  }
  const now = Date.now();
  return (
    <section class="card">
      <header><h2>Turned away</h2><span class="muted">{count(door.requests)} {door.requests === 1 ? 'request' : 'requests'} since the start, before any row of them was known</span></header>
      <div class="table-scroll" tabIndex={0} role="region" aria-label="Requests turned away">
        <table class="door">
          <thead><tr><th scope="col">Sender</th><th scope="col" class="text">Why</th><th scope="col">Requests</th><th scope="col">Last</th><th scope="col" class="text">What was wrong, and what helps</th></tr></thead>
          <tbody>
            {door.senders.slice(0, SHOWN).map((sender) => (
              <tr key={`${sender.reason} ${sender.address}`}>
                <td>{sender.address ?? 'others'}</td><td class="text">{sender.reason.replaceAll('_', ' ')}</td><td>{count(sender.requests)}</td>
                <td class="muted">{ago(Date.parse(sender.last_seen), now)}</td>
                <td class="text"><SafeText text={sender.what} /><span class="muted">; {sender.remedy}</span></td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {door.senders.length > SHOWN && <p class="muted">And {count(door.senders.length - SHOWN)} more in /api/ledger.</p>}
    </section>
  );
}
