/** What each cluster made of one distributed object: expected, ready, applied, version, and what was set right (U8, U17). */
import type { FederatedWorkload } from '#shared/contract/federations.ts';
import { useText } from '../../stores/text.ts';
import { useElapsed } from '../../ui/Age.tsx';
import { Status, TargetName } from '../../ui/Status.tsx';
import { healthLevel } from './levels.ts';

type Share = FederatedWorkload['clusters'][number];

export function PerCluster({
  workload,
  linkOf,
}: {
  workload: FederatedWorkload;
  /** Address of the object in that cluster, where it can be opened. */
  linkOf: (cluster: string) => string | undefined;
}) {
  const { t } = useText();
  const counted = workload.replicas !== null;
  return (
    <table className="plain-table" data-testid="workload-per-cluster">
      <thead>
        <tr>
          <th>{t('federations.workload.columns.cluster')}</th>
          {counted && <th className="number">{t('federations.workload.columns.replicas')}</th>}
          {counted && <th className="number">{t('federations.workload.columns.ready')}</th>}
          <th>{t('federations.workload.columns.applied')}</th>
          <th>{t('federations.workload.columns.health')}</th>
          <th>{t('federations.workload.columns.version')}</th>
          <th>{t('federations.workload.columns.overrides')}</th>
        </tr>
      </thead>
      <tbody>
        {workload.clusters.map((share) => (
          <tr key={share.name} data-testid={`in-${share.name}`}>
            <td>
              <Name share={share} link={linkOf(share.name)} />
            </td>
            {counted && <td className="number">{share.replicas}</td>}
            {counted && <td className="number">{share.readyReplicas}</td>}
            <td>
              <Applied share={share} />
            </td>
            <td>
              <Status level={healthLevel(share.health)}>{t(`federations.workloads.health.${share.health}`)}</Status>
            </td>
            <td>
              <Version share={share} newest={workload.generation} />
            </td>
            <td>
              {share.overrides.length === 0 ? (
                <span className="muted">{t('common.none')}</span>
              ) : (
                share.overrides.join(', ')
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Applied({ share: { applied, appliedMessage, occupied } }: { share: Share }) {
  const { t } = useText();
  const state = applied === null ? 'pending' : !applied ? 'notApplied' : occupied ? 'there' : 'applied';
  const note = occupied ? t(`federations.workload.${applied === true ? 'thereHelp' : 'occupied'}`) : appliedMessage;
  return (
    <>
      <Status level={applied === null ? 'progressing' : applied ? 'ok' : 'error'} title={appliedMessage}>
        {t(`federations.workload.${state}`)}
      </Status>
      {(occupied || applied === false) && <div className="muted">{note}</div>}
    </>
  );
}

function Name({ share, link }: { share: Share; link: string | undefined }) {
  const { t } = useText();
  return (
    <>
      {link === undefined ? (
        <TargetName name={share.name} />
      ) : (
        <a href={link} title={t('federations.workload.openInCluster', { cluster: share.name })}>
          <TargetName name={share.name} />
        </a>
      )}
      {share.repaired !== null && (
        <div className="muted" data-testid={`repaired-${share.name}`}>
          <Repaired repaired={share.repaired} />
        </div>
      )}
    </>
  );
}

function Repaired({ repaired }: { repaired: NonNullable<Share['repaired']> }) {
  const { t, dateTime } = useText();
  const age = useElapsed(repaired.time);
  const fields = repaired.fields.filter((field) => field !== '');
  return (
    <span title={dateTime(repaired.time)}>
      {t('federations.workload.repaired', { ago: t('common.ago', { age }) })}
      {fields.length > 0 && `: ${fields.join(', ')}`}
    </span>
  );
}

function Version({ share, newest }: { share: Share; newest: number }) {
  const { t } = useText();
  if (share.generation === null) return <span className="muted">{t('common.none')}</span>;
  const behind = share.generation < newest;
  return (
    <>
      {behind ? (
        <Status level="progressing">{t('why.behind', { generation: share.generation })}</Status>
      ) : (
        t('why.generation', { generation: share.generation })
      )}
      {share.images.map((image) => (
        <div key={image} className="muted mono">
          {image}
        </div>
      ))}
    </>
  );
}
