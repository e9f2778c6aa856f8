import type { ComponentChildren } from 'preact';

export interface TileProps {
  name: string;
  value: ComponentChildren;
  more?: string;
  tone?: 'error' | 'warn';
}

export function Tiles({ tiles, label }: { tiles: TileProps[]; label: string }) {
  return (
    <dl class="tiles" aria-label={label}>
      {tiles.map(({ name, value, more, tone }) => (
        <div key={name} class="tile" data-tone={tone}><dt>{name}</dt><dd>{value} {more && <small>{more}</small>}</dd></div>
      ))}
    </dl>
  );
}

export function Meter({ share, tone }: { share: number; tone?: 'error' | 'warn' }) {
  return <span class="meter" data-tone={tone} aria-hidden="true"><i style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} /></span>;
}
