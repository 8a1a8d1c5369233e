/** What a change would do to each cluster, before it is made: replicas now and then, clusters left out, warnings. */
import type { FederatedWorkload, SchedulePreview } from '#shared/contract/federations.ts';
import type { Read } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Alert } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { TargetName } from '../../ui/Status.tsx';
import { ruleText } from './why/words.ts';

export function Consequence({ now, preview }: { now: FederatedWorkload; preview: Read<SchedulePreview> }) {
  const text = useText();
  const { t } = text;
  if (preview.error !== null) return <ErrorNotice error={preview.error} onRetry={preview.again} />;
  if (preview.data === undefined) return <Loading rows={2} />;
  const before = new Map(now.clusters.map(({ name, replicas }) => [name, replicas ?? 0]));
  const after = new Map(preview.data.clusters.map(({ name, replicas }) => [name, replicas ?? 0]));
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return (
    <div className="stack" data-testid="consequence">
      {preview.data.error !== null && (
        <Alert type="error" showIcon title={t('wizard.preview.nothing')} description={preview.data.error.message} />
      )}
      {preview.data.warnings.map((warning) => (
        <ErrorNotice key={`${warning.code}${warning.message}`} error={warning} level="warning" />
      ))}
      <table className="consequence">
        <thead>
          <tr>
            <th>{t('federations.workload.consequence')}</th>
            <th className="number">{t('federations.workload.from')}</th>
            <th className="number">{t('federations.workload.to')}</th>
          </tr>
        </thead>
        <tbody>
          {names.map((name) => (
            <tr key={name} data-changed={before.get(name) !== after.get(name)} data-testid={`consequence-${name}`}>
              <td>
                <TargetName name={name} />
              </td>
              <td className="number">{before.get(name) ?? 0}</td>
              <td className="number">{after.get(name) ?? 0}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {preview.data.filtered.length > 0 && (
        <ul className="stack">
          {preview.data.filtered.map(({ name, plugin, reason, subject }) => (
            <li key={name} className="muted" title={`${plugin}: ${reason}`}>
              {t('wizard.preview.filtered')}: {name}. {ruleText({ rule: plugin, reason, subject }, null, text)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
