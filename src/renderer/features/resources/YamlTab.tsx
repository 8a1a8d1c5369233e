/**
 * The object as YAML: read, edit, then see what the server would make of it (a dry run) as a difference before anything is
 * saved, and which of the changed fields other managers own. A change by somebody else in between is never overwritten:
 * what it did elsewhere is taken over, and both versions are shown side by side. The last change can be taken back, through
 * the same check.
 */
import { useState } from 'react';
import type { ApplyConflict, ObjectRef } from '#shared/contract/resources.ts';
import { asCountedBefore } from '#shared/kubernetes/dry-run.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { parseObject } from '#shared/kubernetes/yaml-text.ts';
import { engine, toShape } from '../../app/engine/client.ts';
import { useAction, useRead } from '../../app/engine/hooks.ts';
import { useText } from '../../stores/text.ts';
import { Alert, Button } from '../../ui/controls.ts';
import { ErrorNotice } from '../../ui/Feedback.tsx';
import { useNotify } from '../../ui/notify.ts';
import { YamlDiff, YamlEditor } from '../../ui/yaml/Yaml.tsx';
import { onlyStatusMoved, rebase, takenBack, textOf } from './edit.ts';
import { Managers } from './Managers.tsx';

/** What the drawer has left below its head. */
const HEIGHT = 'max(360px, calc(100dvh - 210px))';
/** How often a change is sent again because only a controller reported in between; busy objects settle within a few. */
const STATUS_WRITES = 5;

export interface YamlTabProps {
  objectRef: ObjectRef;
  object: KubeObject;
  name: string;
  onEditing: (editing: boolean) => void;
  onSaved: () => void;
}

/** `editing`: a text over the version it began from; `checked`: with what the server would make of it. */
type Mode =
  | { mode: 'reading' }
  | { mode: 'editing'; base: KubeObject; text: string; compare: boolean }
  | {
      mode: 'checked';
      base: KubeObject;
      text: string;
      result: KubeObject;
      warnings: readonly string[];
      conflicts: readonly ApplyConflict[];
    };

export function YamlTab({ objectRef, object, name, onEditing, onSaved }: YamlTabProps) {
  const { t } = useText();
  const notify = useNotify();
  const [state, setState] = useState<Mode>({ mode: 'reading' });
  const [problem, setProblem] = useState<string | null>(null);
  const send = useAction(async (base: KubeObject, text: string, dryRun: boolean) => {
    for (let [began, written, left] = [base, text, STATUS_WRITES]; ; left--) {
      const parsed = parseObject(written);
      if (!('object' in parsed)) throw new Error('unreadable');
      try {
        return await engine.resources.replace.mutate({ ref: objectRef, object: parsed.object, dryRun });
      } catch (error) {
        if (left === 0 || toShape(error).code !== 'CONFLICT') throw error;
        const current = await engine.resources.get.query(objectRef);
        if (!onlyStatusMoved(began, current)) throw error;
        written = rebase(written, current, began);
        began = current;
      }
    }
  });
  /** The last saved change: the text before it, and what it made of that. */
  const [last, setLast] = useState<{ before: string; after: KubeObject } | null>(null);
  const { target } = objectRef;
  const { apiVersion, kind } = object;
  const editing = state.mode === 'editing';
  const schema = useRead(editing ? ['schema', target, apiVersion, kind] : null, (signal) =>
    engine.resources.schema.query({ target, apiVersion, kind }, { signal }),
  ).data;
  const reload = useAction(() => engine.resources.get.query(objectRef));

  function begin() {
    setState({ mode: 'editing', base: object, text: textOf(object), compare: false });
    onEditing(true);
  }
  function end() {
    setState({ mode: 'reading' });
    setProblem(null);
    send.reset();
    onEditing(false);
  }
  async function check(base: KubeObject, text: string) {
    const parsed = parseObject(text);
    if ('problem' in parsed) {
      setProblem(
        parsed.problem === 'yaml'
          ? t('common.invalid.yaml', { message: parsed.message })
          : t('wizard.problems.apiVersion'),
      );
      return;
    }
    setProblem(null);
    const done = await send.run(base, text, true);
    if (done === null) return;
    const { object, warnings } = done.value;
    const result = asCountedBefore(base, object);
    setState({ mode: 'checked', base, text, result, warnings, conflicts: await conflictsOf(objectRef, result) });
  }
  async function undo({ before, after }: { before: string; after: KubeObject }) {
    // What the watch has brought may still be the version before the change.
    const current = await reload.run();
    if (current === null) return;
    const again = takenBack(before, after, current.value);
    setState({ mode: 'editing', base: current.value, text: again, compare: true });
    onEditing(true);
    await check(current.value, again);
  }
  async function save(base: KubeObject, text: string) {
    const done = await send.run(base, text, false);
    if (done === null) return;
    setLast({ before: textOf(base), after: done.value.object });
    notify.success(t('resources.yaml.saved', { cluster: name }));
    end();
    onSaved();
  }
  async function loadCurrent(base: KubeObject, text: string) {
    const current = await reload.run();
    if (current === null) return;
    send.reset();
    setState({ mode: 'editing', base: current.value, text: rebase(text, current.value, base), compare: true });
  }
  const notices = (base: KubeObject, text: string) => (
    <>
      {problem !== null && (
        <span className="text-error" role="alert" data-testid="yaml-problem">
          {problem}
        </span>
      )}
      {send.error !== null && (
        <ErrorNotice
          error={{ ...send.error, cluster: name }}
          actions={
            send.error.code === 'CONFLICT' && (
              <Button
                type="primary"
                loading={reload.pending}
                onClick={() => void loadCurrent(base, text)}
                data-testid="yaml-load-current"
              >
                {t('resources.yaml.load')}
              </Button>
            )
          }
        />
      )}
      {reload.error !== null && <ErrorNotice error={reload.error} />}
    </>
  );

  if (state.mode === 'reading')
    return (
      <div className="stack">
        <div className="row">
          <Button onClick={begin} data-testid="yaml-edit">
            {t('resources.yaml.edit')}
          </Button>
          {last !== null && (
            <Button loading={reload.pending} onClick={() => void undo(last)} data-testid="yaml-undo">
              {t('resources.yaml.undo')}
            </Button>
          )}
          {object.kind === 'Secret' && <span className="muted">{t('resources.yaml.masked')}</span>}
        </div>
        {reload.error !== null && <ErrorNotice error={reload.error} />}
        <YamlEditor label={t('resources.tabs.yaml')} value={textOf(object)} height={HEIGHT} />
      </div>
    );
  if (state.mode === 'editing')
    return (
      <div className="stack">
        <div className="row">
          <Button
            type="primary"
            disabled={state.text === textOf(state.base)}
            loading={send.pending}
            onClick={() => void check(state.base, state.text)}
            data-testid="yaml-check"
          >
            {t('resources.yaml.check')}
          </Button>
          <Button onClick={end} data-testid="yaml-cancel">
            {t('resources.yaml.cancel')}
          </Button>
          {state.text === textOf(state.base) && <span className="muted">{t('resources.yaml.unchanged')}</span>}
        </div>
        {notices(state.base, state.text)}
        {state.compare ? (
          <YamlDiff
            label={t('resources.tabs.yaml')}
            before={textOf(state.base)}
            after={state.text}
            onChange={(text) => setState((now) => (now.mode === 'editing' ? { ...now, text } : now))}
            height={HEIGHT}
          />
        ) : (
          <YamlEditor
            label={t('resources.tabs.yaml')}
            value={state.text}
            schema={schema}
            onChange={(text) => setState((now) => (now.mode === 'editing' ? { ...now, text } : now))}
            height={HEIGHT}
          />
        )}
      </div>
    );
  // What is written there is not for a person to set, as status; the server takes it and leaves everything as it is.
  const nothing = textOf(state.base) === textOf(state.result);
  return (
    <div className="stack">
      <div className="row">
        <Button
          type="primary"
          disabled={nothing}
          loading={send.pending}
          onClick={() => void save(state.base, state.text)}
          data-testid="yaml-save"
        >
          {t('resources.yaml.save')}
        </Button>
        <Button
          onClick={() => setState({ mode: 'editing', base: state.base, text: state.text, compare: false })}
          data-testid="yaml-back"
        >
          {t('resources.yaml.back')}
        </Button>
        <span className="strong">{t('resources.yaml.diff', { cluster: name })}</span>
      </div>
      {nothing && <Alert type="info" showIcon title={t('resources.yaml.nothing')} data-testid="yaml-nothing" />}
      {state.warnings.length > 0 && (
        <Alert
          type="warning"
          showIcon
          title={t('resources.yaml.warnings')}
          data-testid="yaml-warnings"
          description={
            <ul className="bullets">
              {state.warnings.map((warning) => (
                <li key={warning}>{warning}</li>
              ))}
            </ul>
          }
        />
      )}
      {state.conflicts.length > 0 && <Managers conflicts={state.conflicts} />}
      {notices(state.base, state.text)}
      <YamlDiff
        label={t('resources.tabs.yaml')}
        before={textOf(state.base)}
        after={textOf(state.result)}
        height={HEIGHT}
      />
    </div>
  );
}

/** Fields of the text that others own; what cannot be asked (an older server) is no reason not to save. */
async function conflictsOf({ target }: ObjectRef, result: KubeObject): Promise<ApplyConflict[]> {
  try {
    const { conflicts } = await engine.resources.applyObject.mutate({ target, object: result, dryRun: true });
    // What we wrote before under our own name is no other manager's.
    return conflicts.filter(({ manager }) => manager !== 'fleetdeck');
  } catch {
    return [];
  }
}
