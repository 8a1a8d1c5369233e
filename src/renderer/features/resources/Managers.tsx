/** Fields that a change touches and another manager owns: it may set them back, so that a person wants to know. */
import type { ApplyConflict } from '#shared/contract/resources.ts';
import { useText } from '../../stores/text.ts';
import { Alert } from '../../ui/controls.ts';

export function Managers({ conflicts }: { conflicts: readonly ApplyConflict[] }) {
  const { t } = useText();
  const byManager = Map.groupBy(conflicts, ({ manager }) => manager);
  return (
    <Alert
      type="warning"
      showIcon
      data-testid="yaml-managers"
      title={t('resources.yaml.managers')}
      description={
        <ul className="bullets">
          {[...byManager].map(([manager, fields]) => (
            <li key={manager}>
              <span className="strong">{manager}</span> <code>{fields.map(({ field }) => field).join(', ')}</code>
            </li>
          ))}
        </ul>
      }
    />
  );
}
