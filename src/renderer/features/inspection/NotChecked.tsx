/** What keeps a report from being whole: clusters that did not answer, kinds that could not be read, and the rules that cost. */
import type { InspectionRun } from '#shared/contract/inspection.ts';
import { useText } from '../../stores/text.ts';
import { Alert } from '../../ui/controls.ts';
import { useRules } from './rules.ts';

export function NotCheckedNotice({ run }: { run: InspectionRun }) {
  const { t, error: errorText } = useText();
  const { texts } = useRules();
  const lines = run.targets.flatMap(({ name, error, notChecked }) => [
    ...(error === null
      ? []
      : [{ key: `${name}:error`, text: errorText({ ...error, cluster: name }).title, detail: error.message }]),
    ...notChecked.map(({ resource, why, reason, rules }) => ({
      key: `${name}:${resource}`,
      text: t(rules.length > 0 ? 'inspection.notChecked.line' : 'inspection.notChecked.lineObjects', {
        cluster: name,
        resource,
        why: t(`inspection.notChecked.${why}`),
        rules: rules.map((id) => texts(id).title).join(', '),
      }),
      detail: reason,
    })),
  ]);
  if (lines.length === 0) return null;
  const rules = new Set(run.targets.flatMap(({ notChecked }) => notChecked.flatMap((one) => one.rules))).size;
  const wholeness = run.state === 'partial' || run.state === 'failed' ? 'warning' : 'info';
  return (
    <Alert
      type={wholeness}
      showIcon
      className="not-checked"
      data-testid="not-checked"
      title={t('inspection.notChecked.title')}
      description={
        <details open={lines.length <= 2}>
          <summary>
            {t('inspection.notChecked.text')}
            {rules > 0 && ` ${t('inspection.notChecked.rules', { count: rules })}`}
          </summary>
          <ul className="bullets">
            {lines.map(({ key, text, detail }) => (
              <li key={key} title={detail}>
                {text}
              </li>
            ))}
          </ul>
        </details>
      }
    />
  );
}
