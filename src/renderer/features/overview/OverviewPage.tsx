/** Everything at a glance (features O1, O2): what there is, what it comes to, what needs attention; every number is a link. */
import { lazy, type ReactNode, Suspense } from 'react';
import type { Cluster } from '#shared/contract/clusters.ts';
import { useClusters, useFederations, useFleets, useStatistics } from '../../app/engine/sources.ts';
import { formatRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Button } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { ClustersIcon, FederationsIcon, FleetsIcon } from '../../ui/icons.ts';
import { Page, Panel } from '../../ui/Page.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { endingCertificate, endText, gibibytes, levelOf } from '../clusters/cluster-state.ts';
import { sumOf } from '../fleets/sums.ts';
import { type Count, countBy, minorVersion } from './counts.ts';
import { StatisticsPanel } from './StatisticsPanel.tsx';
import { combine, rateOf } from './statistics.ts';
import './overview.css';

const CapacityChart = lazy(() => import('../../ui/charts/CapacityChart.tsx'));

export default function OverviewPage() {
  const { t, number, provider: providerName } = useText();
  const live = useClusters();
  const fleets = useFleets().data ?? [];
  const federations = useFederations().data ?? [];
  const statistics = useStatistics().data;
  const clusters = live.data;
  if (clusters === undefined) return live.error === null ? <Loading rows={12} /> : <ErrorNotice error={live.error} />;
  if (clusters.length === 0 && fleets.length === 0 && federations.length === 0) return <Welcome />;
  const sums = sumOf(clusters);
  const all = combine(statistics ?? []);
  const members = federations.reduce((sum, federation) => sum + federation.members.length, 0);
  const byCpu = clusters
    .filter(({ state, capacity }) => state === 'running' && capacity !== null)
    .map(({ name, capacity }) => ({ name, value: capacity?.cpuCores ?? 0 }))
    .sort((a, b) => b.value - a.value)
    .slice(0, 12);
  const percent = (rate: number) => number(rate, { style: 'percent', maximumFractionDigits: 0 });
  const rates = (what: 'cpuCores' | 'memoryBytes') => {
    const requested = rateOf(all, 'requested', what);
    const used = rateOf(all, 'used', what);
    if (requested === null) return undefined;
    return used === null
      ? t('overview.statistics.requested', { rate: percent(requested) })
      : t('overview.statistics.requestedAndUsed', { requested: percent(requested), used: percent(used) });
  };
  return (
    <Page testId="overview-page" title={t('overview.title')}>
      <div className="stack wide">
        <div className="tiles">
          <Tile
            href={formatRoute(['clusters'])}
            label={t('overview.clusters')}
            value={number(clusters.length)}
            note={t('overview.running', { count: sums.running })}
            testId="tile-clusters"
          />
          <Tile
            href={formatRoute(['fleets'])}
            label={t('overview.fleets')}
            value={number(fleets.length)}
            note={t('overview.joined', { count: fleets.filter(({ federationId }) => federationId !== null).length })}
            testId="tile-fleets"
          />
          <Tile
            href={formatRoute(['federations'])}
            label={t('overview.federations')}
            value={number(federations.length)}
            note={t('overview.members', { count: members })}
            testId="tile-federations"
          />
          <Tile
            label={t('overview.nodes')}
            value={number(sums.nodes)}
            note={t('overview.nodesReady', { ready: number(sums.readyNodes) })}
            testId="tile-nodes"
          />
          <Tile
            label={t('overview.cpu')}
            value={number(sums.cpuCores, { maximumFractionDigits: 1 })}
            note={rates('cpuCores')}
            testId="tile-cpu"
          />
          <Tile
            label={t('overview.memory')}
            value={t('common.units.gibibytes', { value: number(Math.round(gibibytes(sums.memoryBytes))) })}
            note={rates('memoryBytes')}
            testId="tile-memory"
          />
          <Tile
            label={t('overview.pods')}
            value={all?.pods == null ? '\u2013' : number(all.pods)}
            note={t('overview.podsAtMost', { count: sums.pods })}
            testId="tile-pods"
          />
        </div>
        <Attention clusters={clusters} federations={federations} />
        <StatisticsPanel clusters={clusters} fleets={fleets} federations={federations} statistics={statistics} />
        <div className="overview-columns">
          <Panel title={t('overview.byState')}>
            <Bars
              counts={countBy(clusters, ({ state }) => state)}
              total={clusters.length}
              hrefOf={(state) => formatRoute(['clusters'], { state })}
              label={(state) => (
                <Status level={levelOf(state as Cluster['state'])}>
                  {t(`clusters.states.${state as Cluster['state']}`)}
                </Status>
              )}
            />
          </Panel>
          <Panel title={t('overview.byType')}>
            <Bars
              counts={countBy(clusters, ({ type }) => type)}
              total={clusters.length}
              hrefOf={(type) => formatRoute(['clusters'], { type })}
              label={(type) => t(`clusters.types.${type as Cluster['type']}`)}
            />
          </Panel>
          <Panel title={t('overview.byProvider')}>
            <Bars
              counts={countBy(clusters, ({ provider }) => provider)}
              total={clusters.length}
              hrefOf={(provider) => formatRoute(['clusters'], { provider })}
              label={(provider) => providerName(provider) || t('overview.other')}
            />
          </Panel>
          <Panel title={t('overview.byRegion')}>
            <Bars
              counts={countBy(clusters, ({ region }) => region)}
              total={clusters.length}
              hrefOf={(region) => formatRoute(['clusters'], { region })}
              label={(region) => region || t('overview.other')}
            />
          </Panel>
          <Panel title={t('overview.byVersion')}>
            <Bars
              counts={countBy(clusters, ({ version }) => minorVersion(version))}
              total={clusters.length}
              hrefOf={(version) => formatRoute(['clusters'], { q: version === '' ? '' : `v${version}.` })}
              label={(version) => version || t('overview.other')}
            />
          </Panel>
          {byCpu.length > 0 && (
            <Panel title={t('overview.perCluster')}>
              <Suspense fallback={<Loading rows={3} />}>
                <CapacityChart
                  label={t('overview.cpu')}
                  bars={byCpu}
                  format={(value) => t('common.units.cores', { value: number(value) })}
                />
              </Suspense>
              <span className="muted">{t('overview.capacityNote')}</span>
            </Panel>
          )}
        </div>
      </div>
    </Page>
  );
}

function Tile({
  href,
  label,
  value,
  note,
  testId,
}: {
  href?: string;
  label: string;
  value: string;
  note?: string;
  testId: string;
}) {
  const inside = (
    <>
      <span className="muted">{label}</span>
      <span className="tile-value">{value}</span>
      <span className="muted tile-note">{note ?? '\u00a0'}</span>
    </>
  );
  return href === undefined ? (
    <div className="tile" data-testid={testId}>
      {inside}
    </div>
  ) : (
    <a className="tile" href={href} data-testid={testId}>
      {inside}
    </a>
  );
}

interface BarsProps {
  counts: readonly Count[];
  total: number;
  hrefOf: (value: string) => string;
  label: (value: string) => ReactNode;
}

function Bars({ counts, total, hrefOf, label }: BarsProps) {
  const { number } = useText();
  return (
    <ul className="bars">
      {counts.map(({ value, count }) => (
        <li key={value}>
          <a href={hrefOf(value)}>
            <span className="bar-label">{label(value)}</span>
            <span className="bar-track" aria-hidden="true">
              <span style={{ width: `${(count / total) * 100}%` }} />
            </span>
            <span className="bar-count">{number(count)}</span>
          </a>
        </li>
      ))}
    </ul>
  );
}

function Attention({
  clusters,
  federations,
}: {
  clusters: readonly Cluster[];
  federations: NonNullable<ReturnType<typeof useFederations>['data']>;
}) {
  const { t, error } = useText();
  const troubled = clusters.filter(({ state }) => levelOf(state) === 'error' || levelOf(state) === 'warning');
  const ending = clusters.flatMap((cluster) => {
    const end = troubled.includes(cluster) ? null : endingCertificate(cluster);
    return end === null ? [] : [{ cluster, ...end }];
  });
  const failing = federations.flatMap((federation) =>
    federation.members
      .filter(({ join, ready }) => join === 'failed' || (join === 'connected' && !ready))
      .map((member) => ({ federation, member })),
  );
  return (
    <Panel title={t('overview.attention')} testId="attention">
      {troubled.length === 0 && ending.length === 0 && failing.length === 0 ? (
        <Status level="ok">{t('overview.calm')}</Status>
      ) : (
        <ul className="stack">
          {troubled.map((cluster) => (
            <li key={cluster.id}>
              <a className="attention-line" href={formatRoute(['clusters', cluster.id])}>
                <TargetName name={cluster.name} />
                <Status level={levelOf(cluster.state)}>{t(`clusters.states.${cluster.state}`)}</Status>
                <span className="muted ellipsis">
                  {cluster.reason === null ? '' : error({ ...cluster.reason, cluster: undefined }).title}
                </span>
              </a>
            </li>
          ))}
          {ending.map(({ cluster, level, whose, days }) => (
            <li key={`${cluster.id}certificate`}>
              <a className="attention-line" href={formatRoute(['clusters', cluster.id])}>
                <TargetName name={cluster.name} />
                <Status level={level}>{t(endText({ days }), { count: days })}</Status>
                <span className="muted ellipsis">{t(`clusters.health.certificateOf.${whose}`)}</span>
              </a>
            </li>
          ))}
          {failing.map(({ federation, member }) => (
            <li key={`${federation.id}${member.clusterId}`}>
              <a className="attention-line" href={formatRoute(['federations', federation.id, 'members'])}>
                <TargetName name={federation.name} kind="federation" />
                <Status level="error">
                  {member.name}:{' '}
                  {t(member.join === 'failed' ? 'federations.members.join.failed' : 'federations.members.notReady')}
                </Status>
                <span className="muted ellipsis">
                  {member.reason === null ? '' : error({ ...member.reason, cluster: undefined }).title}
                </span>
              </a>
            </li>
          ))}
        </ul>
      )}
    </Panel>
  );
}

function Welcome() {
  const { t } = useText();
  const steps = [
    {
      Icon: ClustersIcon,
      title: t('overview.begin.register'),
      hint: t('overview.begin.registerHint'),
      href: formatRoute(['clusters'], { register: '1' }),
    },
    {
      Icon: FleetsIcon,
      title: t('overview.begin.fleet'),
      hint: t('overview.begin.fleetHint'),
      href: formatRoute(['fleets'], { create: '1' }),
    },
    {
      Icon: FederationsIcon,
      title: t('overview.begin.federation'),
      hint: t('overview.begin.federationHint'),
      href: formatRoute(['federations'], { create: '1' }),
    },
  ];
  return (
    <div className="welcome" data-testid="welcome">
      <h1>{t('overview.begin.title')}</h1>
      <p className="muted">{t('overview.begin.hint')}</p>
      <ol>
        {steps.map(({ Icon, title, hint, href }, index) => (
          <li key={href}>
            <Button size="large" type={index === 0 ? 'primary' : 'default'} icon={<Icon />} href={href}>
              {`${index + 1}. ${title}`}
            </Button>
            <span className="muted">{hint}</span>
          </li>
        ))}
      </ol>
    </div>
  );
}
