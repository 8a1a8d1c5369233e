/** A state as a person sees it at a glance: colour and shape, always together with its word. */
import type { ReactNode } from 'react';
import { useHueOf } from '../stores/hues.ts';
import './status.css';

export type Level = 'ok' | 'progressing' | 'warning' | 'error' | 'none';

export function Status({
  level,
  children,
  title,
  testId,
}: {
  level: Level;
  children: ReactNode;
  title?: string;
  testId?: string;
}) {
  return (
    <span className="status" data-level={level} title={title} data-testid={testId}>
      <span className="status-dot" aria-hidden="true" />
      <span className="ellipsis">{children}</span>
    </span>
  );
}

/** The name of a cluster or federation with its own colour, so that one always sees where one is. */
export function TargetName({ name, kind = 'cluster' }: { name: string; kind?: 'cluster' | 'federation' }) {
  const hueOf = useHueOf();
  return (
    <span className="target-name" data-hue={hueOf(name)} data-kind={kind} title={name}>
      <span className="target-mark" aria-hidden="true" />
      <span className="ellipsis">{name}</span>
    </span>
  );
}
