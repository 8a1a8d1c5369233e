/** What happened to a cluster: changes of its state with their causes (R5), and what was done with it step by step (R8). */
import type { Cluster, ClusterOperation, ClusterTransition } from '#shared/contract/clusters.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { Panel } from '../../ui/Page.tsx';
import { Status } from '../../ui/Status.tsx';
import { levelOf } from './cluster-state.ts';
import './history.css';

const results = { running: 'progressing', succeeded: 'ok', failed: 'error' } as const;
const steps = { passed: 'ok', warning: 'warning', failed: 'error' } as const;

export function HistoryTab({ cluster }: { cluster: Cluster }) {
  const { t } = useText();
  const read = useRead(['clusters', 'history', cluster.id, cluster.since, cluster.version], async (signal) => {
    const [transitions, operations] = await Promise.all([
      engine.clusters.transitions.query({ id: cluster.id }, { signal }),
      engine.clusters.operations.query({ id: cluster.id }, { signal }),
    ]);
    return { transitions, operations };
  });
  if (read.data === undefined)
    return read.error === null ? <Loading rows={6} /> : <ErrorNotice error={read.error} onRetry={read.again} />;
  const { transitions, operations } = read.data;
  return (
    <div className="stack wide">
      <Panel title={t('clusters.history.operations')} testId="cluster-operations">
        {operations.length === 0 ? (
          <EmptyState title={t('clusters.history.none')} />
        ) : (
          operations.map((operation) => <Operation key={operation.id} operation={operation} />)
        )}
      </Panel>
      <Panel title={t('clusters.history.states')} testId="cluster-transitions">
        {transitions.length === 0 ? (
          <EmptyState title={t('clusters.history.none')} />
        ) : (
          transitions.map((each) => <Transition key={`${each.at}${each.to}`} transition={each} />)
        )}
      </Panel>
    </div>
  );
}

function Operation({ operation }: { operation: ClusterOperation }) {
  const { t, dateTime, known } = useText();
  return (
    <details className="history-item">
      <summary>
        <Status level={results[operation.result]}>{t(`clusters.history.results.${operation.result}`)}</Status>
        <span className="grow">
          <span className="strong">{t(`clusters.history.kinds.${operation.kind}`)}</span>
          {operation.kind === 'upgrade' && <span className="muted"> {operation.steps[0]?.message}</span>}
        </span>
        <time className="muted" dateTime={operation.startedAt}>
          {dateTime(operation.startedAt)}
        </time>
      </summary>
      {operation.error !== null && <ErrorNotice error={operation.error} level="warning" />}
      <ul className="history-steps">
        {operation.steps.map(({ at, step, result, message }) => (
          <li key={`${at}${step}${message}`}>
            <Status level={steps[result]}>
              {known(`clusters.history.steps.${step}`, known(`clusters.wizard.check.${step}`, step))}
            </Status>
            <span className="muted grow">{message}</span>
            <time className="muted nowrap" dateTime={at}>
              {dateTime(at)}
            </time>
          </li>
        ))}
      </ul>
    </details>
  );
}

function Transition({ transition: { at, from, to, reason } }: { transition: ClusterTransition }) {
  const { t, dateTime, error } = useText();
  const before = from === null ? '' : t('clusters.history.before', { state: t(`clusters.states.${from}`) });
  return (
    <div className="history-item history-line">
      <Status level={levelOf(to)}>{t(`clusters.states.${to}`)}</Status>
      <span className="muted grow" title={reason?.message}>
        {reason === null ? before : error(reason).title}
      </span>
      <time className="muted" dateTime={at}>
        {dateTime(at)}
      </time>
    </div>
  );
}
