/** What an action on many objects left undone: every object that was refused, where, why, and the way to try them again. */
import type { BulkOutcome } from '#shared/contract/resources.ts';
import { nameOfTarget, type TargetEntry } from '../../app/target-entries.ts';
import { targetKey } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Button } from '../../ui/controls.ts';
import { ReloadIcon } from '../../ui/icons.ts';
import { Status, TargetName } from '../../ui/Status.tsx';
import { mayPass } from './bulk.ts';

export interface BulkOutcomesProps {
  /** Those that were refused, of `asked`. */
  refused: readonly BulkOutcome[];
  asked: number;
  /** What was done, as a word. */
  action: string;
  entries: readonly TargetEntry[];
  pending: boolean;
  onAgain: () => void;
  onClose: () => void;
}

export function BulkOutcomes({ refused, asked, action, entries, pending, onAgain, onClose }: BulkOutcomesProps) {
  const text = useText();
  const { t } = text;
  return (
    <div className="stack" role="alert" data-testid="bulk-refused">
      <div className="row wrap">
        <span className="strong">{t('resources.bulk.refused', { count: refused.length, asked, action })}</span>
        <Button icon={<ReloadIcon />} loading={pending} onClick={onAgain} data-testid="bulk-again">
          {t('common.tryAgain')}
        </Button>
        <Button type="link" onClick={onClose} data-testid="bulk-close">
          {t('common.close')}
        </Button>
      </div>
      <div className="bulk-refused">
        <table className="plain-table">
          <thead>
            <tr>
              <th>{t('columns.name')}</th>
              <th>{t('resources.target')}</th>
              <th>{t('resources.bulk.why')}</th>
              <th>{t('resources.bulk.next')}</th>
            </tr>
          </thead>
          <tbody>
            {refused.map(({ target, namespace, name, error }) => {
              if (error === null) return null;
              // The cluster has a column of its own.
              const { cluster: _cluster, ...shape } = error;
              const { title, detail } = text.error(shape);
              const passes = mayPass(error);
              return (
                <tr key={`${targetKey(target)}/${namespace}/${name}`} data-code={error.code}>
                  <td className="strong">{namespace === '' ? name : `${namespace}/${name}`}</td>
                  <td className="nowrap">
                    <TargetName name={nameOfTarget(entries, target)} kind={target.kind} />
                  </td>
                  <td>
                    {title} {detail !== '' && <span className="muted">{detail}</span>}
                  </td>
                  <td className="nowrap">
                    <Status level={passes ? 'progressing' : 'warning'}>
                      {t(passes ? 'resources.bulk.mayPass' : 'resources.bulk.staysRefused')}
                    </Status>
                  </td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}
