/** How well a cluster and the way to it are: answers, checks, certificates, deprecated APIs, requests (feature R5). */

import type { ClusterHealth, ClusterHealthChecks, DeprecatedApi } from '#shared/contract/cluster-health.ts';
import type { Cluster } from '#shared/contract/clusters.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import { engine } from '../../app/engine/client.ts';
import { useRead } from '../../app/engine/hooks.ts';
import { formatRoute } from '../../app/router.ts';
import { useText } from '../../stores/text.ts';
import { Ago } from '../../ui/Age.tsx';
import { Sparkline } from '../../ui/charts/Sparkline.tsx';
import { Button } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { ReloadIcon } from '../../ui/icons.ts';
import { Facts, Panel } from '../../ui/Page.tsx';
import { Status } from '../../ui/Status.tsx';
import { certificateEnd, lastUpgrade, median } from './cluster-state.ts';
import './health.css';

const LOOK_AGAIN_MS = 3_000;
const PRIORITIES = ['foreground', 'normal', 'background'] as const;

export function HealthTab({ cluster }: { cluster: Cluster }) {
  const known = useRead(
    ['clusters', 'health', cluster.id],
    (signal) => engine.clusters.health.query({ id: cluster.id }, { signal }),
    LOOK_AGAIN_MS,
  );
  // Asked of the cluster itself: when the tab is opened, and when a person wants it again.
  const asked = useRead(['clusters', 'healthChecks', cluster.id, cluster.state], (signal) =>
    engine.clusters.healthChecks.query({ id: cluster.id }, { signal }),
  );
  if (known.data === undefined)
    return known.error === null ? <Loading rows={10} /> : <ErrorNotice error={known.error} onRetry={known.again} />;
  return (
    <div className="stack wide" data-testid="cluster-health">
      {cluster.reason !== null && <ErrorNotice error={cluster.reason} level="warning" />}
      <Answers cluster={cluster} health={known.data} />
      <Checks cluster={cluster} checks={asked.data} loading={asked.loading} again={asked.again} />
      <Certificates certificates={known.data.certificates} />
      <Deprecated checks={asked.data} cluster={cluster} />
      <Requests requests={known.data.requests} />
    </div>
  );
}

function Answers({ cluster, health: { probes, clockSkewMs } }: { cluster: Cluster; health: ClusterHealth }) {
  const { t, number } = useText();
  const latencies = probes.flatMap(({ latencyMs }) => latencyMs ?? []);
  const ms = (value: number) => t('common.units.milliseconds', { value: number(Math.round(value)) });
  const failed = probes.length - latencies.length;
  const shown =
    latencies.length === 0
      ? null
      : t('clusters.health.latencyText', { median: ms(median(latencies)), worst: ms(Math.max(...latencies)) });
  return (
    <Panel title={t('clusters.health.answers')}>
      <Facts
        facts={[
          {
            label: t('clusters.columns.lastSeen'),
            value: cluster.lastSeen === null ? t('clusters.detail.never') : <Ago since={cluster.lastSeen} />,
          },
          { label: t('clusters.columns.version'), value: <Version cluster={cluster} /> },
          {
            label: t('clusters.health.clock'),
            value: clockSkewMs === null ? null : <Clock skewMs={clockSkewMs} />,
          },
          {
            label: t('clusters.health.failed'),
            value: (
              <Status level={failed === 0 ? 'ok' : 'warning'}>
                {t('clusters.health.failedOf', { count: probes.length, failed })}
              </Status>
            ),
          },
          {
            label: t('clusters.columns.latency'),
            wide: true,
            value: shown !== null && (
              <span className="row">
                <Sparkline label={shown} values={probes.map(({ latencyMs }) => latencyMs)} />
                {shown}
              </span>
            ),
          },
        ]}
      />
    </Panel>
  );
}

/** The version, and when it last changed from which. */
function Version({ cluster }: { cluster: Cluster }) {
  const { t } = useText();
  const operations = useRead(['clusters', 'operations', cluster.id, cluster.version], (signal) =>
    engine.clusters.operations.query({ id: cluster.id }, { signal }),
  ).data;
  const change = lastUpgrade(operations ?? []);
  return (
    <span>
      {cluster.version}
      {change !== null && (
        <span className="muted" data-testid="version-change">
          {' '}
          {t('clusters.health.versionChange', { change: change.what })} <Ago since={change.at} />
        </span>
      )}
    </span>
  );
}

function Clock({ skewMs }: { skewMs: number }) {
  const { t, number } = useText();
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  if (seconds < 2) return <Status level="ok">{t('clusters.health.clockRight')}</Status>;
  const text = t(skewMs > 0 ? 'clusters.health.clockAhead' : 'clusters.health.clockBehind', {
    seconds: number(seconds),
  });
  return <Status level={seconds > 60 ? 'warning' : 'ok'}>{text}</Status>;
}

function Checks({
  cluster,
  checks,
  loading,
  again,
}: {
  cluster: Cluster;
  checks: ClusterHealthChecks | undefined;
  loading: boolean;
  again: () => void;
}) {
  const { t } = useText();
  const ready = checks?.ready ?? null;
  const failing = ready?.filter(({ ok }) => !ok) ?? [];
  return (
    <Panel
      title={t('clusters.health.checks')}
      extra={
        <Button type="link" icon={<ReloadIcon />} loading={loading} onClick={again} data-testid="health-again">
          {t('clusters.health.again')}
        </Button>
      }
    >
      {checks === undefined ? (
        <Loading rows={2} />
      ) : ready === null ? (
        <NotRead cluster={cluster} error={checks.readyError} />
      ) : ready.length === 0 ? (
        <span className="muted">{t('clusters.health.checksNone')}</span>
      ) : (
        <details open={failing.length > 0} data-testid="ready-checks">
          <summary className="health-summary">
            <Status level={failing.length === 0 ? 'ok' : 'error'}>
              {t('clusters.health.checksPass', { passed: ready.length - failing.length, total: ready.length })}
            </Status>
          </summary>
          <ul className="health-checks">
            {ready.map(({ name, ok, detail }) => (
              <li key={name}>
                <Status level={ok ? 'ok' : 'error'}>
                  {name} {detail !== '' && <span className="muted">{detail}</span>}
                </Status>
              </li>
            ))}
          </ul>
        </details>
      )}
    </Panel>
  );
}

/** Why a part could not be read; what is wrong with the cluster as a whole is said once, above. */
function NotRead({ cluster, error }: { cluster: Cluster; error: AppErrorShape | null }) {
  const { t } = useText();
  if (error === null) return null;
  if (cluster.reason?.code === error.code) return <span className="muted">{t('clusters.health.unknown')}</span>;
  return <ErrorNotice error={error} level="warning" />;
}

function Certificates({ certificates }: { certificates: ClusterHealth['certificates'] }) {
  const { t, dateTime } = useText();
  return (
    <Panel title={t('clusters.health.certificates')}>
      {certificates.length === 0 ? (
        <span className="muted">{t('clusters.health.certificatesNone')}</span>
      ) : (
        <table className="health-table" data-testid="certificates">
          <thead>
            <tr>
              <th>{t('clusters.health.whose')}</th>
              <th>{t('clusters.health.subject')}</th>
              <th>{t('clusters.health.ends')}</th>
            </tr>
          </thead>
          <tbody>
            {certificates.map(({ whose, subject, issuer, notAfter }) => {
              const { level, days } = certificateEnd(notAfter);
              return (
                <tr key={`${whose}${subject}${notAfter}`}>
                  <td>{t(`clusters.health.certificateOf.${whose}`)}</td>
                  <td title={t('clusters.health.issuedBy', { issuer })}>{subject}</td>
                  <td title={dateTime(notAfter)}>
                    <Status level={level}>
                      {days < 0
                        ? t('clusters.health.ended', { days: -days })
                        : t('clusters.health.endsIn', { count: days })}
                    </Status>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Deprecated({ checks, cluster }: { checks: ClusterHealthChecks | undefined; cluster: Cluster }) {
  const { t } = useText();
  if (checks === undefined) return null;
  const { deprecated, deprecatedError } = checks;
  return (
    <Panel title={t('clusters.health.deprecated')} testId="deprecated-apis">
      {deprecated === null ? (
        <NotRead cluster={cluster} error={deprecatedError} />
      ) : (
        <div className="stack">
          {deprecated.apis.length === 0 ? (
            <Status level="ok">{t(`clusters.health.deprecatedNone.${deprecated.source}`)}</Status>
          ) : (
            <DeprecatedTable apis={deprecated.apis} />
          )}
          <span className="muted">{t(`clusters.health.deprecatedSource.${deprecated.source}`)}</span>
          <a href={formatRoute(['inspection'], { start: `cluster:${cluster.id}` })}>
            {t('clusters.health.deprecatedWho')}
          </a>
        </div>
      )}
    </Panel>
  );
}

function DeprecatedTable({ apis }: { apis: readonly DeprecatedApi[] }) {
  const { t } = useText();
  return (
    <table className="health-table">
      <thead>
        <tr>
          <th>{t('clusters.health.api')}</th>
          <th>{t('clusters.health.removedIn')}</th>
          <th>{t('clusters.health.use')}</th>
        </tr>
      </thead>
      <tbody>
        {apis.map(({ apiVersion, resource, removedIn, use, requested }) => (
          <tr key={`${apiVersion}${resource}`}>
            <td>
              <Status level={requested === true ? 'warning' : 'none'}>
                {apiVersion} {resource}
              </Status>
            </td>
            <td>{removedIn === '' ? <span className="muted">{t('clusters.health.notSaid')}</span> : removedIn}</td>
            <td>{use === '' ? <span className="muted">{t('clusters.health.notSaid')}</span> : use}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Requests({ requests }: { requests: ClusterHealth['requests'] }) {
  const { t, number, dateTime } = useText();
  const { running, waiting, atOnce, sent, refused, pausedUntil, longestWaitMs } = requests;
  const sum = (of: typeof running) => of.foreground + of.normal + of.background;
  return (
    <Panel title={t('clusters.health.requests')} testId="cluster-requests">
      <div className="stack">
        {pausedUntil !== null && (
          <Status level="warning">{t('clusters.health.paused', { until: dateTime(pausedUntil) })}</Status>
        )}
        <Facts
          facts={[
            {
              label: t('clusters.health.underWay'),
              value: t('clusters.health.ofAtOnce', { running: number(sum(running)), atOnce }),
            },
            {
              label: t('clusters.health.waiting'),
              value:
                sum(waiting) === 0
                  ? number(0)
                  : PRIORITIES.filter((priority) => waiting[priority] > 0)
                      .map((priority) => `${t(`clusters.health.priority.${priority}`)} ${number(waiting[priority])}`)
                      .join(', '),
            },
            {
              label: t('clusters.health.longestWait'),
              value: t('common.units.milliseconds', { value: number(longestWaitMs) }),
            },
            {
              label: t('clusters.health.sent'),
              value: t('clusters.health.sentText', { sent: number(sent), refused: number(refused) }),
            },
          ]}
        />
        <span className="muted">{t('clusters.health.requestsHelp')}</span>
      </div>
    </Panel>
  );
}
