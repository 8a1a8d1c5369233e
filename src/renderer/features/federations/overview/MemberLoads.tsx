/** Members with what they have and what is asked of them. */
import type { MemberDetail } from '#shared/contract/federation-policies.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { formatRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { Status, TargetName } from '../../../ui/Status.tsx';
import { memberLevel } from '../levels.ts';
import '../whatif/effects.css';

const GIBIBYTE = 1024 ** 3;
const PERCENT = 100;

export function MemberLoads({ federation, members }: { federation: Federation; members: readonly MemberDetail[] }) {
  const { t } = useText();
  return (
    <table className="plain-table" data-testid="member-loads">
      <thead>
        <tr>
          <th>{t('federations.members.columns.name')}</th>
          <th>{t('federations.members.columns.ready')}</th>
          <th>{t('members.columns.cpu')}</th>
          <th>{t('members.columns.memory')}</th>
          <th className="number">{t('members.columns.objects')}</th>
        </tr>
      </thead>
      <tbody>
        {members.map((member) => {
          const known = federation.members.find(({ name }) => name === member.name);
          return (
            <tr key={member.name}>
              <td>
                {known === undefined ? (
                  <TargetName name={member.name} />
                ) : (
                  <a href={formatRoute(['clusters', known.clusterId])}>
                    <TargetName name={member.name} />
                  </a>
                )}
                <div className="muted">{t(`members.network.${member.network}`)}</div>
              </td>
              <td>
                {known !== undefined && (
                  <Status level={memberLevel(known)}>
                    {t(
                      known.join !== 'connected'
                        ? `federations.members.join.${known.join}`
                        : known.ready
                          ? 'federations.members.ready'
                          : 'federations.members.notReady',
                    )}
                  </Status>
                )}
                {member.failed > 0 && (
                  <div>
                    <Status level="error">{t('members.failedObjects', { count: member.failed })}</Status>
                  </div>
                )}
              </td>
              <td>
                <Load member={member} resource="cpu" short />
              </td>
              <td>
                <Load member={member} resource="memory" short />
              </td>
              <td className="number">{member.objects}</td>
            </tr>
          );
        })}
      </tbody>
    </table>
  );
}

/** What is requested of what there is. */
export function Load({
  member,
  resource,
  short = false,
}: {
  member: MemberDetail;
  resource: 'cpu' | 'memory';
  short?: boolean;
}) {
  const { t, number } = useText();
  const [used, room] = [member.requested[resource], member.allocatable[resource]];
  if (room === 0) return null;
  const percent = Math.min(PERCENT, (used / room) * PERCENT);
  const shown = (value: number): string =>
    resource === 'cpu'
      ? number(value, { maximumFractionDigits: 1 })
      : number(value / GIBIBYTE, { maximumFractionDigits: 0 });
  const text = t('members.of', { used: shown(used), room: shown(room) });
  return (
    <div className={short ? 'load load-short' : 'load'} data-over={used > room}>
      <span className="load-track" aria-hidden="true">
        <span className="load-after" style={{ width: `${percent}%` }} />
      </span>
      <span className="nowrap">{resource === 'cpu' ? text : `${text} GiB`}</span>
    </div>
  );
}
