import { useEffect, useState } from 'preact/hooks';
import { copy } from '../lib/clipboard';
import { plain } from '../lib/safe';
import { Icon } from './icon';

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [state, setState] = useState<'idle' | 'done' | 'failed'>('idle');
  useEffect(() => {
    const timer = state === 'idle' ? undefined : setTimeout(() => setState('idle'), 1500);
    return () => clearTimeout(timer);
  }, [state]);
  const onClick = async (event: Event) => {
    event.stopPropagation();
    setState((await copy(text)) ? 'done' : 'failed');
  };
  return (
    <button type="button" class="icon-button" aria-label={plain(label)} title={plain(label)} data-state={state} onClick={onClick}>
      <Icon name={state === 'done' ? 'check' : 'copy'} />
      <span class="offscreen" role="status">{state === 'done' ? 'Copied' : state === 'failed' ? 'Could not copy' : ''}</span>
    </button>
  );
}
