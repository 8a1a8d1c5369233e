/**
 * Objects from YAML into one or several clusters, by server-side apply: what is there is changed, the rest made. A dry run
 * comes first and says for each object and cluster what would happen; fields of other managers are taken over only when
 * a person says so.
 */
import { useState } from 'react';
import type { ApplyOutcome } from '#shared/contract/resources.ts';
import type { Target } from '#shared/contract/views.ts';
import type { AppErrorShape } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { parseObjects } from '#shared/kubernetes/yaml-text.ts';
import { engine, toShape } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { nameOfTarget, type TargetEntry } from '../../app/target-entries.ts';
import { targetKey } from '../../stores/targets.ts';
import { useText } from '../../stores/text.ts';
import { Button, Checkbox, Drawer, Select } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { Field } from '../../ui/Field.tsx';
import { useNotify } from '../../ui/notify.ts';
import { Status, TargetName } from '../../ui/Status.tsx';
import { YamlEditor } from '../../ui/yaml/Yaml.tsx';
import { Managers } from './Managers.tsx';

interface Result {
  target: Target;
  object: KubeObject;
  outcome: ApplyOutcome | null;
  error: AppErrorShape | null;
}

export interface CreateDrawerProps {
  open: boolean;
  targets: readonly Target[];
  entries: readonly TargetEntry[];
  onClose: () => void;
}

export function CreateDrawer({ open, targets, entries, onClose }: CreateDrawerProps) {
  const { t } = useText();
  const notify = useNotify();
  const [text, setText] = useState('');
  const [chosen, setChosen] = useState<readonly string[] | null>(null);
  const [results, setResults] = useState<readonly Result[] | null>(null);
  const [force, setForce] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const wanted = targets.filter((target) => chosen === null || chosen.includes(targetKey(target)));
  const first = wanted[0];
  const kind = kindOf(text);
  const schema = useRead(first === undefined || kind === null ? null : ['schema', first, kind], (signal) => {
    if (first === undefined || kind === null) throw new Error('nothing to ask for');
    return engine.resources.schema.query({ target: first, ...kind }, { signal });
  }).data;
  const apply = useAction(async (objects: readonly KubeObject[], dryRun: boolean) => {
    const found: Result[] = [];
    for (const target of wanted)
      for (const object of objects)
        try {
          const outcome = await engine.resources.applyObject.mutate({ target, object, dryRun, force });
          found.push({ target, object, outcome, error: null });
        } catch (error) {
          found.push({ target, object, outcome: null, error: toShape(error) });
        }
    return found;
  });
  async function run(dryRun: boolean) {
    const parsed = parseObjects(text);
    if ('problem' in parsed) {
      setProblem(
        parsed.problem === 'yaml'
          ? t('common.invalid.yaml', { message: parsed.message })
          : t('wizard.problems.apiVersion'),
      );
      return;
    }
    setProblem(null);
    const done = await apply.run(parsed.objects, dryRun);
    if (done === null) return;
    setResults(done.value);
    if (dryRun || !done.value.every(isDone)) return;
    notify.success(t('resources.create.done', { count: done.value.length }));
    setText('');
    setResults(null);
    onClose();
  }
  const ready = results?.every((each) => isDone(each) || (force && each.error === null)) ?? false;
  const conflicts = results?.some(({ outcome }) => (outcome?.conflicts.length ?? 0) > 0) ?? false;
  return (
    <Drawer
      open={open}
      onClose={onClose}
      mask={{ closable: text === '' }}
      size={860}
      title={t('resources.create.title')}
      data-testid="create-drawer"
      footer={
        <div className="row">
          <Button
            type={ready ? 'default' : 'primary'}
            disabled={text.trim() === '' || wanted.length === 0}
            loading={apply.pending}
            onClick={() => void run(true)}
            data-testid="create-check"
          >
            {t('resources.yaml.check')}
          </Button>
          <Button
            type={ready ? 'primary' : 'default'}
            disabled={!ready}
            loading={apply.pending}
            onClick={() => void run(false)}
            data-testid="create-apply"
          >
            {t('resources.create.apply', { count: wanted.length })}
          </Button>
          {conflicts && (
            <Checkbox checked={force} onChange={(event) => setForce(event.target.checked)} data-testid="create-force">
              {t('resources.create.force')}
            </Checkbox>
          )}
        </div>
      }
    >
      <div className="stack wide">
        <Field label={t('resources.create.into')}>
          <Select
            mode="multiple"
            value={wanted.map(targetKey)}
            onChange={(keys) => {
              setChosen(keys);
              setResults(null);
            }}
            options={targets.map((target) => ({ value: targetKey(target), label: nameOfTarget(entries, target) }))}
          />
        </Field>
        <YamlEditor
          label={t('resources.create.title')}
          value={text}
          schema={kind === null ? undefined : schema}
          onChange={(next) => {
            setText(next);
            setResults(null);
          }}
          height={380}
        />
        {problem !== null && (
          <span className="text-error" role="alert">
            {problem}
          </span>
        )}
        {apply.error !== null && <ErrorNotice error={apply.error} onClose={apply.reset} />}
        {results?.map(({ target, object, outcome, error }) => (
          <div key={`${targetKey(target)}/${object.kind}/${object.metadata.namespace}/${object.metadata.name}`}>
            <div className="row">
              <TargetName name={nameOfTarget(entries, target)} kind={target.kind} />
              <Status level={error !== null ? 'error' : outcome?.object == null ? 'warning' : 'ok'}>
                {`${object.kind} ${object.metadata.name}`}
              </Status>
            </div>
            {outcome?.warnings.map((warning) => (
              <span key={warning} className="text-warning">
                {warning}
              </span>
            ))}
            {outcome !== null && outcome.conflicts.length > 0 && <Managers conflicts={outcome.conflicts} />}
            {error !== null && <ErrorNotice error={error} />}
          </div>
        ))}
      </div>
    </Drawer>
  );
}

/** Of a text with one document, as soon as its first lines say it. */
function kindOf(text: string): { apiVersion: string; kind: string } | null {
  const apiVersion = /^apiVersion:\s*["']?([\w./-]+)/m.exec(text)?.[1];
  const kind = /^kind:\s*["']?(\w+)/m.exec(text)?.[1];
  return apiVersion === undefined || kind === undefined || /^---\s*$/m.test(text.trimStart().slice(3))
    ? null
    : { apiVersion, kind };
}

function isDone({ outcome }: Result): boolean {
  return outcome !== null && outcome.object !== null;
}
