/** Why a workload is where it is: its way as a graph, each cluster with its reason, and what happened to it (U11, U12, U17). */
import { useMemo } from 'react';
import type { FederatedObjectName, Verdicts, Why, WhyCluster } from '#shared/contract/federation-decisions.ts';
import { engine } from '../../../app/engine/client.ts';
import { createLive, useLive } from '../../../app/engine/live.ts';
import { useFederations } from '../../../app/engine/sources.ts';
import { formatRoute, useRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { Alert } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { FlowGraph } from '../../../ui/graph/FlowGraph.tsx';
import { Page, Panel } from '../../../ui/Page.tsx';
import { Status, TargetName } from '../../../ui/Status.tsx';
import { graphOf } from './graph.tsx';
import { whyObject } from './route.ts';
import { TimeLine } from './TimeLine.tsx';
import { fitsText, objectState, outcomeLevel, outcomeOf, reasonOf, strategyText } from './words.ts';

const ROW_PX = 78;
const LEAST_PX = 150;
const MOST_PX = 570;

export default function WhyPage({ id }: { id: string }) {
  const { t } = useText();
  const object = whyObject(useRoute());
  if (object === null) return <EmptyState title={t('errors.NOT_FOUND.title')} hint={t('errors.NOT_FOUND.hint')} />;
  return <Live key={JSON.stringify(object)} id={id} object={object} />;
}

function Live({ id, object }: { id: string; object: FederatedObjectName }) {
  const { t } = useText();
  const federation = useFederations().data?.find((each) => each.id === id);
  const source = useMemo(
    () => createLive<Why>((handlers) => engine.federations.why.subscribe({ id, object }, handlers)),
    [id, object],
  );
  const live = useLive(source);
  return (
    <Page
      testId="why-page"
      title={t('why.title', { name: object.name })}
      back={{
        href: formatRoute(['federations', id, 'workloads'], {
          open: `${object.kind}/${object.namespace}/${object.name}`,
        }),
        label: t('why.back'),
      }}
      aside={
        <>
          <span className="muted nowrap">
            {object.kind} {object.namespace}
          </span>
          {federation !== undefined && <TargetName name={federation.name} kind="federation" />}
        </>
      }
    >
      {live.error !== null && <ErrorNotice error={live.error} level={live.data === undefined ? 'error' : 'warning'} />}
      {live.data === undefined ? (
        live.error === null && <Loading rows={12} />
      ) : (
        <Content why={live.data} recorded={federation?.engine !== 'external'} />
      )}
    </Page>
  );
}

/** `recorded`: decisions are; over a control plane of others nobody does. */
function Content({ why, recorded }: { why: Why; recorded: boolean }) {
  const text = useText();
  const { t } = text;
  const graph = useMemo(() => graphOf(why, text), [why, text]);
  const height = Math.min(MOST_PX, Math.max(LEAST_PX, graph.rows * ROW_PX + 24));
  return (
    <div className="stack wide">
      {why.policy === null && (
        <Alert type="info" showIcon title={t('why.noPolicy')} description={t('why.noPolicyHint')} />
      )}
      <Panel flush>
        <FlowGraph label={t('why.graph')} nodes={graph.nodes} edges={graph.edges} height={height} testId="why-graph" />
      </Panel>
      {why.verdicts !== null && <Decision why={why} verdicts={why.verdicts} recorded={recorded} />}
      {why.rivals.length > 0 && (
        <Panel title={t('why.rivals')}>
          <ul className="stack" data-testid="why-rivals">
            {why.rivals.map(({ key, why: reason }) => (
              <li key={key}>
                <span className="strong">{key}</span> <span className="muted">{t(`why.rivalsWhy.${reason}`)}</span>
              </li>
            ))}
          </ul>
        </Panel>
      )}
      <Panel title={t('why.history')} flush>
        {recorded || why.journal.length > 0 ? (
          <TimeLine entries={why.journal} />
        ) : (
          <p className="muted panel-body">{t('why.noRecord')}</p>
        )}
      </Panel>
    </div>
  );
}

function Decision({ why, verdicts, recorded }: { why: Why; verdicts: Verdicts; recorded: boolean }) {
  const text = useText();
  const { t, dateTime } = text;
  return (
    <Panel
      title={t('why.decision')}
      extra={
        <span className="muted">
          {why.decidedAt === null
            ? t(recorded ? 'why.asOfNow' : 'why.asOfNowThere')
            : `${t('why.decidedAt', { time: dateTime(why.decidedAt) })}${why.cause === null ? '' : `, ${t(`why.causes.${why.cause}`)}`}`}
        </span>
      }
      flush
    >
      <div className="panel-body stack">
        {verdicts.error !== null && (
          <Alert type="error" showIcon title={t('why.failed')} description={verdicts.error.message} />
        )}
        <span>
          {verdicts.affinityName !== null && `${t('why.group', { name: verdicts.affinityName })}. `}
          {strategyText(verdicts, text)}
        </span>
        {verdicts.failedTerms.map(({ affinityName, message }) => (
          <span key={affinityName} className="text-warning">
            {t('why.failedGroup', { name: affinityName, message })}
          </span>
        ))}
      </div>
      <table className="plain-table" data-testid="why-clusters">
        <thead>
          <tr>
            <th>{t('why.columns.cluster')}</th>
            <th>{t('why.columns.outcome')}</th>
            <th className="number">{t('why.columns.replicas')}</th>
            <th className="number">{t('why.columns.fits')}</th>
            <th>{t('why.columns.reason')}</th>
            <th>{t('why.columns.state')}</th>
          </tr>
        </thead>
        <tbody>
          {why.clusters.map((cluster) => (
            <Row key={cluster.name} cluster={cluster} why={why} verdicts={verdicts} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ cluster, why, verdicts }: { cluster: WhyCluster; why: Why; verdicts: Verdicts }) {
  const text = useText();
  const outcome = outcomeOf(cluster);
  const there = cluster.work === null && cluster.object === null ? null : objectState(cluster, why, text);
  return (
    <tr data-testid={`why-${cluster.name}`} data-outcome={outcome}>
      <td className="nowrap">
        <TargetName name={cluster.name} />
      </td>
      <td className="nowrap">
        <Status level={outcomeLevel(outcome)}>{text.t(`why.outcomes.${outcome}`)}</Status>
      </td>
      <td className="number">{cluster.target?.replicas ?? ''}</td>
      <td className="number">{fitsText(cluster.verdict, text)}</td>
      <td>{reasonOf(cluster, verdicts, text)}</td>
      <td className="nowrap">{there !== null && <Status level={there.level}>{there.text}</Status>}</td>
    </tr>
  );
}
