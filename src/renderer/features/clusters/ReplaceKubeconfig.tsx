/** Another kubeconfig for a registered cluster: rotated credentials or another address, checked before it is taken. */
import { useState } from 'react';
import type { Cluster, KubeconfigContents, KubeconfigSource } from '#shared/contract/clusters.ts';
import { engine } from '../../app/engine/client.ts';
import { useAction } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Confirm } from '../../ui/Confirm.tsx';
import { Button, Input, Select } from '../../ui/controls.ts';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { ExecCommand } from './ExecCommand.tsx';

export function ReplaceKubeconfig({ cluster }: { cluster: Cluster }) {
  const { t } = useText();
  const notify = useNotify();
  const [open, setOpen] = useState(false);
  const [path, setPath] = useState(cluster.sourcePath ?? '');
  const [text, setText] = useState('');
  const [found, setFound] = useState<{ source: KubeconfigSource; contents: KubeconfigContents } | null>(null);
  const [context, setContext] = useState('');
  const [approved, setApproved] = useState(false);
  const chosen = found?.contents.contexts.find((each) => each.context === context);
  const work = useAction(async () => {
    if (found === null) {
      const source: KubeconfigSource =
        text.trim() === '' ? { kind: 'file', path: path.trim() } : { kind: 'text', text };
      const contents = await engine.clusters.readKubeconfig.mutate({ source });
      if (contents.problem !== null) throw contents.problem;
      setFound({ source, contents });
      const same = contents.contexts.find((each) => each.context === cluster.context);
      setContext(same?.context ?? contents.currentContext ?? contents.contexts[0]?.context ?? '');
      return false;
    }
    await engine.clusters.replaceKubeconfig.mutate({
      id: cluster.id,
      source: found.source,
      context,
      ...(chosen?.exec == null ? {} : { approvedExec: chosen.exec.hash }),
    });
    return true;
  });
  function close() {
    setOpen(false);
    setFound(null);
    setText('');
    setApproved(false);
    work.reset();
  }
  return (
    <>
      <Button type="link" onClick={() => setOpen(true)} data-testid="replace-kubeconfig">
        {t('clusters.replace.action')}
      </Button>
      <Confirm
        open={open}
        title={t('clusters.replace.title', { name: cluster.name })}
        action={found === null ? t('clusters.wizard.read') : t('clusters.replace.action')}
        disabled={
          found === null
            ? path.trim() === '' && text.trim() === ''
            : chosen === undefined || (chosen.exec !== null && !approved)
        }
        pending={work.pending}
        error={work.error}
        onCancel={close}
        onConfirm={() =>
          void work.run().then((done) => {
            if (done?.value !== true) return;
            notify.success(t('clusters.replace.done', { name: cluster.name }));
            close();
          })
        }
      >
        <div className="stack">
          <span className="muted">{t('clusters.replace.help')}</span>
          {found === null ? (
            <>
              <Field label={t('clusters.wizard.path')}>
                <Input className="mono" value={path} onChange={(event) => setPath(event.target.value)} />
              </Field>
              <Field label={t('clusters.wizard.text')} help={t('clusters.wizard.textHelp')}>
                <Input.TextArea
                  className="mono"
                  rows={6}
                  spellCheck={false}
                  autoComplete="off"
                  value={text}
                  onChange={(event) => setText(event.target.value)}
                  data-testid="replace-text"
                />
              </Field>
            </>
          ) : (
            <>
              <Field label={t('clusters.replace.context')}>
                <Select
                  value={context}
                  onChange={(next) => {
                    setContext(next);
                    setApproved(false);
                  }}
                  options={found.contents.contexts.map((each) => ({
                    value: each.context,
                    label: `${each.context} · ${each.server}`,
                  }))}
                />
              </Field>
              {chosen?.exec != null && <ExecCommand exec={chosen.exec} approved={approved} onApprove={setApproved} />}
            </>
          )}
        </div>
      </Confirm>
    </>
  );
}
