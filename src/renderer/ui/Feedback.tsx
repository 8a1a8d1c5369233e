/** What a page shows when it has nothing ordinary to show: an error with its remedy, nothing yet, or not there yet. */
import { Alert, Button, Skeleton } from 'antd';
import type { ReactNode } from 'react';
import type { AppErrorShape, ErrorCode } from '#shared/errors.ts';
import { useText } from '../stores/text.ts';
import { EmptyIcon, ReloadIcon } from './icons.ts';
import './feedback.css';

export interface ErrorNoticeProps {
  error: AppErrorShape;
  /** Offered as "try again". */
  onRetry?: (() => void) | undefined;
  onClose?: (() => void) | undefined;
  /** Further ways out, beside "try again". */
  actions?: ReactNode;
  level?: 'error' | 'warning';
}

/** Codes whose sentence says little without what the server said: which field, which right, which object. */
const detailMatters: ReadonlySet<ErrorCode> = new Set([
  'INVALID',
  'NAME_TAKEN',
  'REFUSED',
  'FORBIDDEN',
  'CLUSTER_ERROR',
  'UNSUPPORTED',
  'INTERNAL',
  'KUBECONFIG_NOT_YAML',
  'KUBECONFIG_INCOMPLETE',
  'EXEC_MISSING',
  'EXEC_FAILED',
]);

/** A failure in words, what to do about it, and the technical detail folded away. */
export function ErrorNotice({ error, onRetry, onClose, actions, level = 'error' }: ErrorNoticeProps) {
  const text = useText();
  const { title, hint, detail } = text.error(error);
  return (
    <Alert
      type={level}
      showIcon
      className="error-notice"
      data-testid="error-notice"
      data-code={error.code}
      role={level === 'error' ? 'alert' : 'status'}
      title={title}
      {...(onClose === undefined ? {} : { closable: { onClose, 'aria-label': text.t('common.close') } })}
      description={
        <div className="stack">
          <span>{hint}</span>
          {detail !== '' && (
            <details className="error-detail" open={detailMatters.has(error.code)}>
              <summary>{text.t('common.details')}</summary>
              <pre>
                {error.code}: {detail}
              </pre>
            </details>
          )}
          {(onRetry !== undefined || actions !== undefined) && (
            <div className="row wrap">
              {onRetry !== undefined && (
                <Button icon={<ReloadIcon />} onClick={onRetry} data-testid="retry">
                  {text.t('common.tryAgain')}
                </Button>
              )}
              {actions}
            </div>
          )}
        </div>
      }
    />
  );
}

/** Nothing here, why that may be, and what to do first. */
export function EmptyState({
  title,
  hint,
  action,
  icon,
  testId,
}: {
  title: string;
  hint?: ReactNode;
  action?: ReactNode;
  icon?: ReactNode;
  testId?: string;
}) {
  return (
    <div className="empty-state" data-testid={testId ?? 'empty-state'}>
      <span className="empty-icon" aria-hidden="true">
        {icon ?? <EmptyIcon />}
      </span>
      <h2>{title}</h2>
      {hint !== undefined && <div className="muted empty-hint">{hint}</div>}
      {action !== undefined && <div className="row wrap">{action}</div>}
    </div>
  );
}

/** Grey lines in the place of what is coming; nothing jumps when it comes. */
export function Loading({ rows = 6 }: { rows?: number }) {
  const { t } = useText();
  return (
    <div className="loading" role="status" aria-label={t('common.loading')} data-testid="loading">
      <Skeleton active title={false} paragraph={{ rows, width: '100%' }} />
    </div>
  );
}
