/** A federation at a glance: what it is, what it distributes, what needs attention, its members, its last decisions (U7, U18). */
import type { FederatedWorkload, Federation } from '#shared/contract/federations.ts';
import { federatedCategories } from '#shared/federated-categories.ts';
import { useWorkloads } from '../../../app/engine/sources.ts';
import { formatRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { Facts, Panel } from '../../../ui/Page.tsx';
import { Status } from '../../../ui/Status.tsx';
import { expectedReplicas, readyLevel, scheduleLevel, shareLevel } from '../levels.ts';
import { useJournal, useMembers } from '../live.ts';
import { workloadKey } from '../WorkloadsTab.tsx';
import { TimeLine } from '../why/TimeLine.tsx';
import { MemberLoads } from './MemberLoads.tsx';
import './overview.css';

/** Lines; the pages they lead to have all. */
const MOST_PROBLEMS = 12;
const MOST_DECISIONS = 8;

export function OverviewTab({ federation }: { federation: Federation }) {
  const { t, dateTime } = useText();
  const live = useWorkloads(federation.id);
  const members = useMembers(federation.id);
  const journal = useJournal(federation.id);
  const workloads = live.data ?? [];
  const unwell = workloads.filter((workload) => problemOf(workload) !== null);
  const { failover } = federation;
  const external = federation.engine === 'external';
  return (
    <div className="scroll-column" data-testid="federation-overview">
      <div className="overview-columns">
        <div className="stack wide">
          <Panel title={t('federationOverview.statistics')}>
            {live.data === undefined ? (
              <Loading rows={2} />
            ) : (
              <Statistics federation={federation} workloads={workloads} />
            )}
          </Panel>
          <Panel title={t('federationOverview.attention')} testId="federation-attention">
            {live.data === undefined ? (
              <Loading rows={2} />
            ) : unwell.length === 0 ? (
              <Status level="ok">{t('federationOverview.allWell')}</Status>
            ) : (
              <ul className="stack">
                {unwell.slice(0, MOST_PROBLEMS).map((workload) => (
                  <Problem key={workload.uid} federation={federation} workload={workload} />
                ))}
              </ul>
            )}
          </Panel>
          <Panel title={t('federationOverview.recent')} flush>
            {journal.data === undefined ? (
              <Loading rows={3} />
            ) : journal.data.length === 0 ? (
              <p className="muted panel-body">{t(external ? 'why.noRecord' : 'why.noHistory')}</p>
            ) : (
              <TimeLine entries={journal.data.slice(0, MOST_DECISIONS)} federationId={federation.id} />
            )}
          </Panel>
        </div>
        <div className="stack wide">
          <Panel title={t('federationOverview.members')} flush>
            {members.data === undefined ? (
              members.error === null ? (
                <Loading rows={3} />
              ) : (
                <ErrorNotice error={members.error} />
              )
            ) : (
              <MemberLoads federation={federation} members={members.data} />
            )}
          </Panel>
          <Panel title={t('federationOverview.information')}>
            <Facts
              facts={[
                { label: t('federationOverview.engine'), value: t(`federations.engines.${federation.engine}`) },
                { label: t('federations.columns.version'), value: federation.version },
                {
                  label: t('federationOverview.takeOver'),
                  value: t(
                    external
                      ? 'federationOverview.setThere'
                      : failover.enabled
                        ? 'federationOverview.on'
                        : 'federationOverview.off',
                  ),
                },
                { label: t('federationOverview.created'), value: dateTime(federation.createdAt) },
                { label: t('federationOverview.address'), value: <span className="mono">{federation.server}</span> },
                { label: t('federationOverview.id'), value: <span className="mono">{federation.id}</span> },
              ]}
            />
          </Panel>
        </div>
      </div>
    </div>
  );
}

function Statistics({ federation, workloads }: { federation: Federation; workloads: readonly FederatedWorkload[] }) {
  const { t } = useText();
  return (
    <div className="overview-tiles">
      {federatedCategories.map((category) => {
        const of = workloads.filter((workload) => workload.category === category);
        const unwell = of.filter((workload) => problemOf(workload) !== null).length;
        return (
          <a
            key={category}
            className="overview-tile"
            href={formatRoute(['federations', federation.id, 'workloads'], {
              of: category === 'workloads' ? undefined : category,
            })}
          >
            <b>{of.length}</b>
            <span>{t(`federations.categories.${category}`)}</span>
            {unwell > 0 && <Status level="warning">{`${unwell} ${t('federationOverview.unwell')}`}</Status>}
          </a>
        );
      })}
    </div>
  );
}

type ProblemKind = 'unscheduled' | 'notApplied' | 'unhealthy' | 'notReady';

/** The first thing that is wrong with it, from cause to effect. */
function problemOf(workload: FederatedWorkload): { kind: ProblemKind; clusters: string[] } | null {
  const named = (shares: FederatedWorkload['clusters']): string[] => shares.map(({ name }) => name);
  if (scheduleLevel(workload) === 'error') return { kind: 'unscheduled', clusters: [] };
  const refused = workload.clusters.filter(({ applied }) => applied === false);
  if (refused.length > 0) return { kind: 'notApplied', clusters: named(refused) };
  const unhealthy = workload.clusters.filter((share) => shareLevel(share, workload.generation) === 'error');
  if (unhealthy.length > 0) return { kind: 'unhealthy', clusters: named(unhealthy) };
  const level = readyLevel(workload);
  return level === 'progressing' && workload.policy !== null ? { kind: 'notReady', clusters: [] } : null;
}

function Problem({ federation, workload }: { federation: Federation; workload: FederatedWorkload }) {
  const { t } = useText();
  const problem = problemOf(workload);
  if (problem === null) return null;
  const { kind, clusters } = problem;
  const text = t(`federationOverview.problems.${kind}`, {
    names: clusters.join(', '),
    ready: workload.readyReplicas ?? 0,
    wanted: expectedReplicas(workload),
  });
  return (
    <li className="problem">
      <Status level={kind === 'notReady' ? 'progressing' : 'error'}>
        <a
          className="strong"
          href={formatRoute(['federations', federation.id, 'workloads'], {
            of: workload.category === 'workloads' ? undefined : workload.category,
            open: workloadKey(workload),
          })}
        >
          {workload.name}
        </a>
      </Status>
      <span className="muted">{workload.kind}</span>
      <span>{text}</span>
    </li>
  );
}
