/** The steps of moving by weights as a table: weights, replicas in each member, and how it went. */
import type { Shift, ShiftPlan } from '#shared/contract/federation-runs.ts';
import { useHueOf } from '../../../stores/hues.ts';
import { useText } from '../../../stores/text.ts';
import { TargetName } from '../../../ui/Status.tsx';
import { useSeconds } from './RunFrame.tsx';

type Step = ShiftPlan['steps'][number] & Partial<Shift['steps'][number]>;

export function ShiftSteps({
  steps,
  from,
  at,
  running = false,
}: {
  steps: readonly Step[];
  /** Shown before the first step. */
  from?: Readonly<Record<string, number>>;
  at?: number;
  /** What the step at hand waits for is told. */
  running?: boolean;
}) {
  const { t } = useText();
  const seconds = useSeconds();
  const went = at !== undefined;
  const names = [...new Set([from ?? {}, ...steps.map(({ weights }) => weights)].flatMap(Object.keys))].sort();
  return (
    <table className="plain-table shift-steps" data-testid="shift-steps">
      <thead>
        <tr>
          <th>{t('runs.step')}</th>
          {names.map((name) => (
            <th key={name}>
              <TargetName name={name} />
            </th>
          ))}
          {went && (
            <>
              <th>{t('runs.settled')}</th>
              <th>{t('runs.lowest')}</th>
            </>
          )}
        </tr>
      </thead>
      <tbody>
        {from !== undefined && (
          <tr>
            <td className="muted">{t('runs.now')}</td>
            {names.map((name) => (
              <td key={name} className="muted">
                {t('runs.weightOf', { weight: from[name] ?? 0 })}
              </td>
            ))}
          </tr>
        )}
        {steps.map((step, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: steps have no identity but their place.
          <tr key={index} data-current={index === at}>
            <td>{index + 1}</td>
            {names.map((name) => (
              <td key={name}>
                <b>{t('runs.replicasOf', { count: replicasIn(step, name) })}</b>{' '}
                <span className="muted">{t('runs.weightOf', { weight: step.weights[name] ?? 0 })}</span>
              </td>
            ))}
            {went && (
              <>
                <td>
                  {seconds(step.appliedAt, step.settledAt)}{' '}
                  {running && index === at && (
                    <span className="muted">{t(step.settledAt == null ? 'runs.settling' : 'runs.observing')}</span>
                  )}
                </td>
                <td>{step.lowestReady == null ? '' : t('runs.percent', { value: step.lowestReady })}</td>
              </>
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function replicasIn({ replicas }: Step, name: string): number {
  return replicas.find((one) => one.name === name)?.replicas ?? 0;
}

/** How many run where, as parts of one bar. */
export function Split({ replicas }: { replicas: readonly { name: string; replicas: number | null }[] }) {
  const hueOf = useHueOf();
  const parts = replicas.filter((one) => (one.replicas ?? 0) > 0);
  return (
    <span className="split">
      {parts.map((one) => (
        <span
          key={one.name}
          data-hue={hueOf(one.name)}
          style={{ flexGrow: one.replicas ?? 0 }}
          title={`${one.name}: ${one.replicas}`}
        >
          <span className="ellipsis">{one.name}</span>
          <b>{one.replicas}</b>
        </span>
      ))}
    </span>
  );
}
