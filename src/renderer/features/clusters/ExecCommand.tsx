/** A sign-in command out of a kubeconfig: code that will run here, shown in full before it is approved. */
import type { ExecPlugin } from '#shared/contract/clusters.ts';
import { useText } from '../../stores/text.ts';
import { Alert, Checkbox } from '../../ui/controls.ts';
import './register.css';

export function ExecCommand({
  exec,
  approved,
  onApprove,
}: {
  exec: ExecPlugin;
  approved: boolean;
  onApprove: (approved: boolean) => void;
}) {
  const { t } = useText();
  return (
    <Alert
      type="warning"
      showIcon
      title={t('clusters.wizard.exec.title')}
      data-testid="exec-plugin"
      description={
        <div className="stack">
          <span>{t('clusters.wizard.exec.explain')}</span>
          <pre className="register-command">{[exec.command, ...exec.args].map(shellWord).join(' ')}</pre>
          {exec.env.length > 0 && (
            <div>
              <span className="muted">{t('clusters.wizard.exec.environment')}</span>
              <pre className="register-command">{exec.env.map(({ name, value }) => `${name}=${value}`).join('\n')}</pre>
            </div>
          )}
          {exec.installHint !== undefined && (
            <span className="muted">
              {t('clusters.wizard.exec.install')}: {exec.installHint}
            </span>
          )}
          <Checkbox checked={approved} onChange={(event) => onApprove(event.target.checked)} data-testid="exec-approve">
            {t('clusters.wizard.exec.approve')}
          </Checkbox>
        </div>
      }
    />
  );
}

/** Shows where one argument ends and the next begins. */
function shellWord(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
