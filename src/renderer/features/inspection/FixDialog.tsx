/** A patch before it is applied: what the server would make of the object (a dry run), beside what it is now. */
import type { FixPreview, InspectionRun, ReportFinding } from '#shared/contract/inspection.ts';
import { engine } from '../../app/engine/client.ts';
import { queries, useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Alert, Modal } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { useNotify } from '../../ui/notify.ts';
import { YamlDiff } from '../../ui/yaml/Yaml.tsx';
import { textOf } from '../resources/edit.ts';
import { useFixPreview } from './fix-preview.ts';

export function FixDialog({
  run,
  findings,
  onClose,
}: {
  run: InspectionRun;
  findings: readonly ReportFinding[] | null;
  onClose: () => void;
}) {
  const [first] = findings ?? [];
  return first === undefined || findings === null ? null : (
    <Dialog run={run} findings={findings} first={first} onClose={onClose} />
  );
}

interface DialogProps {
  run: InspectionRun;
  findings: readonly ReportFinding[];
  first: ReportFinding;
  onClose: () => void;
}

function Dialog({ run, findings, first, onClose }: DialogProps) {
  const { t } = useText();
  const notify = useNotify();
  const { preview, error, again } = useFixPreview(run.id, findings);
  const apply = useAction(({ ref, after }: FixPreview) =>
    engine.resources.replace.mutate({ ref, object: after, dryRun: false }),
  );
  const { kind, name, cluster } = first;
  async function write(what: FixPreview) {
    if ((await apply.run(what)) === null) return;
    notify.success(t('inspection.fix.applied', { name, cluster }));
    void queries.invalidateQueries({ queryKey: ['object'] });
    onClose();
  }
  return (
    <Modal
      open
      width={1080}
      title={t('inspection.fix.title', { kind, name })}
      okText={t('inspection.fix.apply', { cluster })}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: preview === null }}
      confirmLoading={apply.pending}
      onOk={() => preview !== null && void write(preview)}
      onCancel={onClose}
      destroyOnHidden
      data-testid="fix-dialog"
    >
      <div className="stack">
        {error !== null && <ErrorNotice error={{ ...error, cluster }} onRetry={again} />}
        {apply.error !== null && <ErrorNotice error={{ ...apply.error, cluster }} onRetry={again} />}
        {preview === null ? (
          error === null && <Loading rows={8} />
        ) : (
          <>
            <div className="muted">
              <div>{t('inspection.fix.text')}</div>
              {preview.before.spec?.template !== undefined && <div>{t('inspection.fix.restarts')}</div>}
            </div>
            {preview.managedBy !== null && (
              <Alert type="warning" showIcon title={t('inspection.fix.managed', { by: preview.managedBy })} />
            )}
            {preview.warnings.length > 0 && (
              <Alert
                type="warning"
                showIcon
                title={t('resources.yaml.warnings')}
                description={preview.warnings.join('\n')}
              />
            )}
            <YamlDiff
              label={t('inspection.fix.title', { kind, name })}
              before={textOf(preview.before)}
              after={textOf(preview.after)}
              height={460}
            />
          </>
        )}
      </div>
    </Modal>
  );
}
