/** A state as a person sees it at a glance: colour and shape, always together with its word. */
import type { ReactNode } from 'react';
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

const HUES = 12;

/** Twelve hues that stay apart from each other and readable in both themes; the same name always gets the same one. */
export function hueOf(name: string): number {
  let hash = 2166136261;
  for (let index = 0; index < name.length; index++) {
    hash ^= name.charCodeAt(index);
    hash = Math.imul(hash, 16777619);
  }
  return (hash >>> 0) % HUES;
}

/** The name of a cluster or federation with its own colour, so that one always sees where one is. */
export function TargetName({ name, kind = 'cluster' }: { name: string; kind?: 'cluster' | 'federation' }) {
  return (
    <span className="target-name" data-hue={hueOf(name)} data-kind={kind} title={name}>
      <span className="target-mark" aria-hidden="true" />
      <span className="ellipsis">{name}</span>
    </span>
  );
}
