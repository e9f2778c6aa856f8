import { ago, count } from '../../lib/format';
import type { WireStatus } from '../../lib/wire';
import { SafeText } from '../../parts/text';

const WORDS = { open: 'anybody on this machine', key: 'whoever has a key' };

/** Who may send and read, and how the keys are used. */
export function Access({ access }: { access: WireStatus['access'] }) {
  const now = Date.now();
  return (
    <section class="card">
      <header>
        <h2>Access</h2>
        <span class="muted">May send: {WORDS[access.send]}. May read: {WORDS[access.read]}.</span>
        {access.read === 'key' && <a class="sign-out" href="/logout">Sign out</a>}
      </header>
      {access.keys.length > 0 && (
        <div class="table-scroll" tabIndex={0} role="region" aria-label="Keys">
          <table>
            <thead><tr><th scope="col">Key</th><th scope="col" class="text">Rights</th><th scope="col" class="text">Services</th><th scope="col">Uses</th><th scope="col">Last</th><th scope="col">Expires</th></tr></thead>
            <tbody>
              {access.keys.map((key) => (
                <tr key={key.name}>
                  <td><SafeText text={key.name} /></td><td class="text">{key.rights.join(', ')}</td>
                  <td class="text">{key.services.length === 0 ? 'all' : <SafeText text={key.services.join(', ')} />}</td><td>{count(key.uses)}</td>
                  <td class="muted">{key.last_used_at ? ago(Date.parse(key.last_used_at), now) : 'not since the start'}</td>
                  <td class={key.expires_at && Date.parse(key.expires_at) <= now ? 'error' : 'muted'}>{key.expires_at ? key.expires_at.slice(0, 10) : 'never'}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
