/**
 * What is unhealthy now over all clusters, grouped by cause: faults first, each with its places and the way to a diagnosis.
 * Beside it who takes most, and what clusters warn of.
 */
import { useMemo } from 'react';
import type { DiagnosisTarget, FleetHealth, HealthGroup } from '#shared/contract/diagnosis.ts';
import { inLanguage } from '#shared/diagnosis.ts';
import { diagnosisRoute, isDiagnosable } from '../../app/diagnosis-links.ts';
import { useClusters } from '../../app/engine/sources.ts';
import { changeQuery, formatRoute, useRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { useElapsed } from '../../ui/Age.tsx';
import { Alert, Button, Progress, Segmented } from '../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { FilterInput } from '../../ui/FilterInput.tsx';
import { HealthIcon, PassedIcon, ReloadIcon } from '../../ui/icons.ts';
import { Page, Panel } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { ConsumersView } from './ConsumersView.tsx';
import './diagnosis.css';
import { EventsView } from './EventsView.tsx';
import { ObjectLink, placeText } from './look.tsx';
import { useHealth } from './use-health.ts';

const views = ['causes', 'consumers', 'events'] as const;
type View = (typeof views)[number];

export default function HealthPage() {
  const { t, dateTime } = useText();
  const { query } = useRoute();
  const { health, running, error, again } = useHealth();
  const view = views.find((name) => name === query['view']) ?? 'causes';
  const registered = useClusters().data;
  const words = (query['q'] ?? '').toLowerCase();
  const groups = useMemo(() => (health?.groups ?? []).flatMap((group) => matching(group, words)), [health, words]);
  const done = health?.clusters.filter(({ state }) => state === 'done' || state === 'failed').length ?? 0;
  // A look that follows by itself takes the place of the one before when it is whole.
  const whole = health !== undefined && done === health.clusters.length;
  const age = useElapsed(health?.at ?? null);
  return (
    <Page
      testId="health-page"
      title={t('health.title')}
      aside={
        whole && (
          <>
            <Status
              level={
                health.groups.some(({ verdict }) => verdict === 'fault')
                  ? 'error'
                  : health.groups.length > 0
                    ? 'warning'
                    : 'ok'
              }
            >
              {t('health.groups', { count: health.groups.length })}
            </Status>
            <span className="muted nowrap" title={dateTime(health.at)} data-testid="health-age">
              {t('health.checkedAgo', { age })}
            </span>
          </>
        )
      }
      actions={
        <Button icon={<ReloadIcon />} loading={running} onClick={again} data-testid="health-refresh">
          {t('health.refresh')}
        </Button>
      }
      toolbar={
        <>
          <Segmented<View>
            value={view}
            onChange={(next) => changeQuery({ view: next === 'causes' ? undefined : next })}
            options={views.map((name) => ({
              value: name,
              label: <span data-testid={`view-${name}`}>{t(`health.views.${name}`)}</span>,
            }))}
          />
          {view !== 'consumers' && (
            <FilterInput
              value={query['q'] ?? ''}
              onChange={(q) => changeQuery({ q })}
              placeholder={t('health.filter')}
            />
          )}
        </>
      }
    >
      <div className="stack">
        {error !== null && <ErrorNotice error={error} onRetry={again} />}
        {running && health !== undefined && !whole && (
          <Progress
            percent={Math.round((100 * done) / Math.max(1, health.clusters.length))}
            status="active"
            format={() => t('health.checking', { done, total: health.clusters.length })}
            aria-label={t('health.checking', { done, total: health.clusters.length })}
          />
        )}
        {health?.clusters
          .flatMap(({ error: cause, name }) => (cause === null ? [] : [{ ...cause, cluster: name }]))
          .map((cause) => (
            <ErrorNotice key={cause.cluster} error={cause} level="warning" />
          ))}
        {health === undefined && error === null && <Loading rows={10} />}
        {whole && view === 'consumers' && <ConsumersView consumers={health.consumers} />}
        {health !== undefined && view === 'events' && <EventsView events={health.consumers.events} words={words} />}
        {view === 'causes' && groups.map((group) => <Group key={group.cause} group={group} />)}
        {health !== undefined && <Partial health={health} />}
        {whole && view === 'causes' && health.groups.length === 0 && (
          <Well health={health} none={registered?.length === 0} />
        )}
      </div>
    </Page>
  );
}

/** What could not be read, of clusters that answered. */
function Partial({ health }: { health: FleetHealth }) {
  const { t, language } = useText();
  const lines = health.clusters.flatMap(({ name: cluster, state, unread }) => {
    if (state === 'failed') return [];
    const forbidden = unread.filter((one) => one.forbidden).map(({ what }) => what);
    return [
      ...(forbidden.length === 0 ? [] : [t('health.noRight', { cluster, what: forbidden.join(', ') })]),
      ...unread.flatMap(({ what, forbidden: lacksRight, reason }) =>
        lacksRight ? [] : [t('health.unreadLine', { cluster, what, reason: inLanguage(reason, language) })],
      ),
    ];
  });
  if (lines.length === 0) return null;
  return (
    <Alert
      type="warning"
      showIcon
      title={t('health.unread')}
      data-testid="health-partial"
      description={
        <ul>
          {lines.map((line) => (
            <li key={line}>{line}</li>
          ))}
        </ul>
      }
    />
  );
}

/** Of a group, what the filter leaves. */
function matching(group: HealthGroup, words: string): HealthGroup[] {
  if (words === '') return [group];
  const places = group.places.filter(({ cluster, object, sentence }) =>
    `${group.cause} ${cluster} ${object.kind} ${placeText(object)} ${sentence.zh} ${sentence.en}`
      .toLowerCase()
      .includes(words),
  );
  return places.length === 0 ? [] : [{ ...group, places }];
}

function Well({ health, none }: { health: FleetHealth; none: boolean }) {
  const { t } = useText();
  const read = health.clusters.filter(({ state }) => state === 'done');
  if (none)
    return (
      <EmptyState
        icon={<HealthIcon />}
        title={t('health.noClusters')}
        hint={t('health.noClustersHint')}
        action={
          <Button href={formatRoute(['clusters'], { register: '1' })}>{t('shell.palette.registerCluster')}</Button>
        }
      />
    );
  if (read.length === 0) return null;
  return (
    <EmptyState
      icon={<PassedIcon />}
      title={t('health.allWell')}
      hint={t('health.allWellHint', {
        clusters: read.length,
        count: read.reduce((sum, { checked }) => sum + checked, 0),
      })}
      testId="health-well"
    />
  );
}

function Group({ group }: { group: HealthGroup }) {
  const { t, language } = useText();
  return (
    <Panel
      flush
      testId="health-group"
      title={
        <span className="row">
          <Status level={group.verdict === 'fault' ? 'error' : 'warning'}>{group.title[language]}</Status>
        </span>
      }
      extra={
        <span className="row muted nowrap">
          <span>{t('health.objects', { count: group.total })}</span>
          <span>{t('health.inClusters', { count: group.clusters })}</span>
          <code>{group.cause}</code>
        </span>
      }
    >
      <div className="health-remedy">
        <span className="muted">{t('diagnosis.remedy')}: </span>
        {group.remedy[language]}
      </div>
      <table className="plain-table health-places">
        <tbody>
          {group.places.map(({ clusterId, cluster, object, sentence }) => (
            <tr key={`${clusterId}/${object.kind}/${placeText(object)}`} data-testid="health-place">
              <td className="health-cluster">
                <TargetName name={cluster} />
              </td>
              <td className="health-object">
                <ObjectLink clusterId={clusterId} object={object} />
              </td>
              <td className="health-what">{sentence[language]}</td>
              <td className="health-action">
                {isDiagnosable(object.kind) && (
                  <Button
                    size="small"
                    href={diagnosisRoute({
                      clusterId,
                      kind: object.kind,
                      namespace: object.namespace,
                      name: object.name,
                    } as DiagnosisTarget)}
                    aria-label={`${t('diagnosis.diagnose')}: ${object.kind} ${placeText(object)}`}
                    data-testid="health-diagnose"
                  >
                    {t('diagnosis.diagnose')}
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}
