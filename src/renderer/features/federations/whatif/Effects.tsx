/** What supposed changes would do: the sum of it, each workload, each cluster's room. Used by the page and before deletions. */
import { useState } from 'react';
import type { ClusterEffect, ClusterLoad, WhatIf, WorkloadEffect } from '#shared/contract/federation-what-if.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Button } from '../../../ui/controls.ts';
import { Name } from '../../../ui/Name.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { type Level, Status, TargetName } from '../../../ui/Status.tsx';
import './effects.css';

/** Lines shown; the sums count all. */
const MOST = 200;
/** Clusters of one workload shown before they are asked for. */
const MOST_CHIPS = 8;
const GIBIBYTE = 1024 ** 3;

const levels: Record<ClusterEffect['what'], Level> = {
  created: 'ok',
  grows: 'ok',
  shrinks: 'progressing',
  deleted: 'warning',
  released: 'warning',
  lost: 'error',
  same: 'none',
};

export function Totals({ result, brief = false }: { result: WhatIf; brief?: boolean }) {
  const { t } = useText();
  const { totals } = result;
  const short = result.clusters.filter(({ suffices }) => !suffices).map(({ name }) => name);
  const shown = (['created', 'deleted', 'released', 'moved', 'unplaced'] as const).filter((key) => totals[key] > 0);
  return (
    <div className="stack" data-testid="what-if-totals">
      <div className="row wrap">
        {result.workloads.length === 0 && <span className="strong">{t('whatIf.nothing')}</span>}
        {shown.map((key) => (
          <span key={key} className={key === 'unplaced' ? 'effect-total text-error' : 'effect-total'}>
            {t(`whatIf.totals.${key}`, { count: totals[key] })}
          </span>
        ))}
        {!brief && <span className="muted">{t('whatIf.considered', { count: result.considered })}</span>}
      </div>
      {result.takeOverAssumed && <Alert type="info" showIcon title={t('whatIf.takeOverAssumed')} />}
      {short.length > 0 ? (
        <Alert type="warning" showIcon title={t('whatIf.sufficesNot', { names: short.join(', ') })} />
      ) : (
        totals.unplaced === 0 && !brief && <Status level="ok">{t('whatIf.suffices')}</Status>
      )}
    </div>
  );
}

/** Each cluster in which something changes, as `north 2 → 3 more`. */
export function EffectChips({ effect }: { effect: WorkloadEffect }) {
  const { t } = useText();
  const [all, setAll] = useState(false);
  const { clusters } = effect;
  // "and 1 more" would take the room of the one.
  const shown = all || clusters.length <= MOST_CHIPS + 1 ? clusters : clusters.slice(0, MOST_CHIPS);
  return (
    <span className="row wrap">
      {shown.map((one) => (
        <EffectChip key={one.cluster} effect={one} />
      ))}
      {shown.length < clusters.length && (
        <Button size="small" type="text" onClick={() => setAll(true)} data-testid="effects-all">
          {t('whatIf.moreClusters', { count: clusters.length - shown.length })}
        </Button>
      )}
    </span>
  );
}

function EffectChip({ effect }: { effect: ClusterEffect }) {
  const { t } = useText();
  const { cluster, from, to, what } = effect;
  return (
    <span className="effect-chip" data-what={what} data-testid={`effect-${cluster}`}>
      <TargetName name={cluster} />
      <b>{from === to || what === 'released' ? (from ?? 0) : `${from ?? 0} → ${to ?? 0}`}</b>
      <Status level={levels[what]}>{t(`whatIf.effects.${what}`)}</Status>
    </span>
  );
}

export function WorkloadEffects({ result }: { result: WhatIf }) {
  const { t } = useText();
  const shown = result.workloads.slice(0, MOST);
  return (
    <Panel title={t('whatIf.workloads')} flush>
      <table className="plain-table what-if-table" data-testid="what-if-workloads">
        <thead>
          <tr>
            <th>{t('whatIf.columns.workload')}</th>
            <th>{t('whatIf.columns.policy')}</th>
            <th>{t('whatIf.columns.effect')}</th>
          </tr>
        </thead>
        <tbody>
          {shown.map((effect) => {
            const { object, policyBefore, policyAfter, error, missing } = effect;
            const none = t('whatIf.noPolicy');
            return (
              <tr key={`${object.apiVersion}${object.kind}/${object.namespace}/${object.name}`}>
                <td className="nowrap">
                  <Name>{object.name}</Name>
                  <div className="muted">
                    {object.kind} {object.namespace}
                  </div>
                </td>
                <td className="nowrap">
                  {policyBefore === policyAfter
                    ? (policyAfter ?? none)
                    : `${policyBefore ?? none} → ${policyAfter ?? none}`}
                </td>
                <td>
                  <div className="stack">
                    <EffectChips effect={effect} />
                    {error !== null && (
                      <span className="text-error">
                        {t(
                          effect.after.length === 0 && effect.before.length > 0
                            ? 'whatIf.errorRemoved'
                            : 'whatIf.error',
                          {
                            message: error.message,
                          },
                        )}
                      </span>
                    )}
                    {missing > 0 && <span className="text-error">{t('whatIf.missing', { count: missing })}</span>}
                  </div>
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {result.workloads.length > MOST && (
        <p className="muted panel-body">{t('whatIf.more', { count: result.workloads.length - MOST })}</p>
      )}
    </Panel>
  );
}

export function ClusterLoads({ result }: { result: WhatIf }) {
  const { t, number } = useText();
  const round = (value: number): string => number(value, { maximumFractionDigits: 1 });
  return (
    <Panel title={t('whatIf.clusters')} flush>
      <table className="plain-table" data-testid="what-if-clusters">
        <thead>
          <tr>
            <th>{t('whatIf.columns.cluster')}</th>
            <th className="number">{t('whatIf.columns.replicas')}</th>
            <th>{t('whatIf.columns.cpu')}</th>
            <th>{t('whatIf.columns.memory')}</th>
            <th>{t('whatIf.columns.pods')}</th>
          </tr>
        </thead>
        <tbody>
          {result.clusters.map((cluster) => (
            <tr key={cluster.name} data-testid={`load-${cluster.name}`} data-suffices={cluster.suffices}>
              <td>
                <TargetName name={cluster.name} />{' '}
                {cluster.state !== 'same' && (
                  <span className="text-warning">{t(`whatIf.states.${cluster.state}`)}</span>
                )}
              </td>
              <td className="number">
                {cluster.replicasBefore === cluster.replicasAfter
                  ? cluster.replicasAfter
                  : `${cluster.replicasBefore} → ${cluster.replicasAfter}`}
              </td>
              <td>
                <Bar
                  cluster={cluster}
                  resource="cpu"
                  format={(value) => t('common.units.cores', { value: round(value) })}
                />
              </td>
              <td>
                <Bar
                  cluster={cluster}
                  resource="memory"
                  format={(value) => t('common.units.gibibytes', { value: round(value / GIBIBYTE) })}
                />
              </td>
              <td>
                <Bar cluster={cluster} resource="pods" format={round} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Bar({
  cluster,
  resource,
  format,
}: {
  cluster: ClusterLoad;
  resource: 'cpu' | 'memory' | 'pods';
  format: (value: number) => string;
}) {
  const { t } = useText();
  const room = cluster.allocatable[resource];
  const [before, after] = [cluster.before[resource], cluster.after[resource]];
  const percent = (value: number): string => `${room === 0 ? 0 : Math.min(100, (value / room) * 100)}%`;
  return (
    <div className="load" data-over={after > room}>
      <span className="load-track" aria-hidden="true">
        <span className="load-after" style={{ width: percent(after) }} />
        <span className="load-before" style={{ left: percent(before) }} />
      </span>
      <span className="nowrap">{t('whatIf.of', { used: format(after), room: format(room) })}</span>
    </div>
  );
}
