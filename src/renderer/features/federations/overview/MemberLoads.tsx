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
/** Lines; the page of the members has all. */
const MOST = 12;

export function MemberLoads({ federation, members }: { federation: Federation; members: readonly MemberDetail[] }) {
  const { t } = useText();
  const knownOf = (name: string) => federation.members.find((each) => each.name === name);
  const fine = ({ name, failed }: MemberDetail): number => (knownOf(name)?.ready === true && failed === 0 ? 1 : 0);
  // What is not as it should be has room before anything else.
  const shown = [...members].sort((a, b) => fine(a) - fine(b)).slice(0, MOST);
  return (
    <>
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
          {shown.map((member) => {
            const known = knownOf(member.name);
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
                </td>
                <td>
                  <span className="row wrap member-state">
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
                    <span className="muted">{t(`members.network.${member.network}`)}</span>
                  </span>
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
      {members.length > shown.length && (
        <p className="panel-body">
          <a href={formatRoute(['federations', federation.id, 'members'])}>
            {t('federationOverview.allMembers', { count: members.length })}
          </a>
        </p>
      )}
    </>
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
