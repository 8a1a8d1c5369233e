/** The frame of a page: title line with actions, and a body that scrolls or fills. */
import type { ReactNode } from 'react';
import { useText } from '../stores/text.ts';
import { BackIcon } from './icons.ts';
import './page.css';

export interface PageProps {
  title: ReactNode;
  /** Beside the title: state, counts. */
  aside?: ReactNode;
  actions?: ReactNode;
  /** A line under the title: filters, tabs. */
  toolbar?: ReactNode;
  back?: { href: string; label: string };
  /** `fill`: the body has the page's height and scrolls inside itself (tables); `scroll`: it flows. */
  body?: 'fill' | 'scroll';
  children: ReactNode;
  testId: string;
}

export function Page({ title, aside, actions, toolbar, back, body = 'scroll', children, testId }: PageProps) {
  return (
    <section className="page" data-testid={testId}>
      <header className="page-header">
        <div className="row grow">
          {back !== undefined && (
            <a className="page-back" href={back.href} aria-label={back.label} title={back.label}>
              <BackIcon />
            </a>
          )}
          <h1 className="ellipsis">{title}</h1>
          {aside}
        </div>
        {actions !== undefined && <div className="row">{actions}</div>}
      </header>
      {toolbar !== undefined && <div className="page-toolbar">{toolbar}</div>}
      <div className="page-body" data-body={body}>
        {children}
      </div>
    </section>
  );
}

/** A titled group of things on a page. */
export function Panel({
  title,
  extra,
  children,
  testId,
  flush = false,
}: {
  title?: ReactNode;
  extra?: ReactNode;
  children: ReactNode;
  testId?: string;
  flush?: boolean;
}) {
  return (
    <section className="panel" data-testid={testId}>
      {title !== undefined && (
        <header className="panel-header">
          <h2>{title}</h2>
          {extra}
        </header>
      )}
      <div className={flush ? 'panel-body flush' : 'panel-body'}>{children}</div>
    </section>
  );
}

export interface Fact {
  label: ReactNode;
  value: ReactNode;
  /** Takes the whole width. */
  wide?: boolean;
}

/** Label and value pairs. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  const { t } = useText();
  return (
    <dl className="facts">
      {facts.map((fact, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the order of facts is fixed.
        <div className="fact" data-wide={fact.wide === true} key={index}>
          <dt>{fact.label}</dt>
          <dd>
            {fact.value === '' || fact.value === null ? <span className="muted">{t('common.none')}</span> : fact.value}
          </dd>
        </div>
      ))}
    </dl>
  );
}
