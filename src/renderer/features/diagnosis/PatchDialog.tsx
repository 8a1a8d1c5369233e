/** The patch of a finding: tried first, shown as a difference, applied when the person says so. */
import { useEffect, useState } from 'react';
import type { DiagnosisReport } from '#shared/contract/diagnosis.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { engine } from '../../app/engine/client.ts';
import { queries, useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Modal } from '../../ui/controls.ts';
import { ErrorNotice, Loading } from '../../ui/Feedback.tsx';
import { useNotify } from '../../ui/notify.ts';
import { YamlDiff } from '../../ui/yaml/Yaml.tsx';
import { textOf } from '../resources/edit.ts';
import { placeText } from './look.tsx';

export interface PatchDialogProps {
  open: boolean;
  report: DiagnosisReport;
  /** Of the finding. */
  index: number;
  onClose: () => void;
}

export function PatchDialog(props: PatchDialogProps) {
  return props.open ? <Dialog {...props} /> : null;
}

function Dialog({ report, index, onClose }: PatchDialogProps) {
  const { t } = useText();
  const notify = useNotify();
  const [result, setResult] = useState<{ before: KubeObject; after: KubeObject } | null>(null);
  const patch = useAction((dryRun: boolean) =>
    engine.diagnosis.applyPatch.mutate({ id: report.id, finding: index, dryRun }),
  );
  const object = report.findings[index]?.patch?.object;
  const words = { object: object === undefined ? '' : `${object.kind} ${placeText(object)}` };
  const { run } = patch;
  useEffect(() => {
    void run(true).then((done) => done !== null && setResult(done.value));
  }, [run]);
  async function apply() {
    if ((await run(false)) === null) return;
    notify.success(t('diagnosis.patchApplied', words));
    void queries.invalidateQueries({ queryKey: ['object'] });
    onClose();
  }
  return (
    <Modal
      open
      width={1000}
      title={t('diagnosis.patchTitle', words)}
      okText={t('diagnosis.applyPatch')}
      cancelText={t('common.cancel')}
      okButtonProps={{ disabled: result === null }}
      confirmLoading={patch.pending && result !== null}
      onOk={() => void apply()}
      onCancel={onClose}
      destroyOnHidden
      data-testid="patch-dialog"
    >
      <div className="stack">
        {patch.error !== null && <ErrorNotice error={{ ...patch.error, cluster: report.cluster }} />}
        {result === null ? (
          patch.error === null && <Loading rows={8} />
        ) : (
          <>
            <span className="muted">{t('diagnosis.patchTried')}</span>
            <YamlDiff
              label={t('diagnosis.patchTitle', words)}
              before={textOf(result.before)}
              after={textOf(result.after)}
              height={420}
            />
          </>
        )}
      </div>
    </Modal>
  );
}
