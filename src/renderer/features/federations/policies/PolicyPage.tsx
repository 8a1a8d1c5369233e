/**
 * One policy by form and by YAML, with what it would change beside it (U9, U10). The text is the only truth: the form
 * reads it and writes single places of it, so that what the form does not know stays.
 */
import { useEffect, useMemo, useState } from 'react';
import type { PolicyKind } from '#shared/contract/federation-policies.ts';
import type { Federation } from '#shared/contract/federations.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { changeYaml, type YamlPath } from '#shared/kubernetes/yaml-edit.ts';
import { parseObject, toYaml } from '#shared/kubernetes/yaml-text.ts';
import { engine } from '../../../app/engine/client.ts';
import { useAction, useRead } from '../../../app/engine/hooks.ts';
import { useFederations } from '../../../app/engine/sources.ts';
import { formatRoute, navigate } from '../../../app/router.ts';
import { useDelayed } from '../../../stores/delayed.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Button, Input, Segmented } from '../../../ui/controls.ts';
import { EmptyState, ErrorNotice, Loading } from '../../../ui/Feedback.tsx';
import { Field } from '../../../ui/Field.tsx';
import { useNotify } from '../../../ui/notify.ts';
import { Page, Panel } from '../../../ui/Page.tsx';
import { TargetName } from '../../../ui/Status.tsx';
import { YamlEditor } from '../../../ui/yaml/Yaml.tsx';
import { Before } from '../whatif/Before.tsx';
import { DeletePolicy } from './DeletePolicy.tsx';
import type { FormContext } from './FormNodes.tsx';
import { OverrideEffects, useOverridePreview } from './OverrideEffects.tsx';
import { OverrideForm } from './OverrideForm.tsx';
import { PropagationForm } from './PropagationForm.tsx';
import {
  blankPolicy,
  isClusterWide,
  isOverride,
  type PolicyName,
  policyOfPath,
  policyPath,
  refOfPolicy,
} from './ref.ts';
import '../wizard/wizard.css';
import './policies.css';

const PAUSE_MS = 400;

export default function PolicyPage({ id, path }: { id: string; path: readonly string[] }) {
  const { t } = useText();
  const live = useFederations();
  const federation = live.data?.find((each) => each.id === id);
  const address = policyOfPath(path);
  if (live.data === undefined) return live.error === null ? <Loading rows={10} /> : <ErrorNotice error={live.error} />;
  if (federation === undefined || address === undefined)
    return <EmptyState title={t('errors.NOT_FOUND.title')} hint={t('errors.NOT_FOUND.hint')} />;
  return address.name === null ? (
    <Editor federation={federation} kind={address.kind} present={null} onAgain={() => {}} />
  ) : (
    <Existing federation={federation} policy={address.name} />
  );
}

function Existing({ federation, policy }: { federation: Federation; policy: PolicyName }) {
  const ref = refOfPolicy(federation.id, policy);
  const read = useRead(['policy', federation.id, policy], () => engine.resources.get.query(ref));
  const [loaded, setLoaded] = useState<KubeObject | null>(null);
  // What is being edited is what was read first; a person asks for the present state.
  useEffect(() => {
    if (read.data !== undefined) setLoaded((before) => before ?? read.data ?? null);
  }, [read.data]);
  if (read.error !== null) return <ErrorNotice error={read.error} onRetry={read.again} />;
  if (loaded === null) return <Loading rows={10} />;
  return (
    <Editor
      key={loaded.metadata.resourceVersion}
      federation={federation}
      kind={policy.kind}
      present={loaded}
      onAgain={() => {
        setLoaded(null);
        read.again();
      }}
    />
  );
}

/** Without what the server keeps: it is put back when the policy is saved. */
function editable({ apiVersion, kind, metadata, spec }: KubeObject): string {
  const { name, namespace, labels, annotations } = metadata;
  const kept = Object.entries({ name, namespace, labels, annotations }).filter(([, value]) => value !== undefined);
  return toYaml({ apiVersion, kind, metadata: Object.fromEntries(kept), spec });
}

interface EditorProps {
  federation: Federation;
  kind: PolicyKind;
  present: KubeObject | null;
  onAgain: () => void;
}

function Editor({ federation, kind, present, onAgain }: EditorProps) {
  const { t } = useText();
  const notify = useNotify();
  const original = useMemo(() => (present === null ? blankPolicy(kind) : editable(present)), [present, kind]);
  const [text, setText] = useState(original);
  const [mode, setMode] = useState<'form' | 'yaml'>('form');
  const [deleting, setDeleting] = useState(false);
  const parsed = useMemo(() => parseObject(text), [text]);
  const object = 'object' in parsed ? parsed.object : undefined;
  const back = formatRoute(['federations', federation.id, 'policies']);
  const save = useAction(async (policy: KubeObject) => {
    if (present === null)
      return engine.resources.create.mutate({ target: { kind: 'federation', id: federation.id }, object: policy });
    const { labels, annotations } = policy.metadata;
    const metadata = { ...present.metadata, labels: labels ?? {}, annotations: annotations ?? {} };
    const { namespace = '', name = '' } = present.metadata;
    return engine.resources.replace.mutate({
      ref: refOfPolicy(federation.id, { kind, namespace, name }),
      object: { ...policy, metadata },
    });
  });
  async function submit(): Promise<void> {
    if (object === undefined) return;
    const done = await save.run(object);
    if (done === null) return;
    const { warnings, object: saved } = done.value;
    notify.success(t('policies.saved', { name: saved.metadata.name ?? '' }));
    if (warnings.length === 0) navigate(['federations', federation.id, 'policies']);
    else if (present === null) {
      const { namespace = '', name = '' } = saved.metadata;
      navigate(policyPath(federation.id, { kind, namespace, name }), {}, 'replace');
    } else onAgain();
  }
  const name = present?.metadata.name;
  return (
    <Page
      testId="policy-page"
      title={
        <span className="row">
          {name === undefined ? t('policies.newTitle', { kind }) : name}
          <span className="muted">{name === undefined ? '' : kind}</span>
          <TargetName name={federation.name} kind="federation" />
        </span>
      }
      back={{ href: back, label: t('policies.back') }}
      actions={
        <>
          {present !== null && (
            <Button danger onClick={() => setDeleting(true)} data-testid="policy-delete">
              {t('policies.delete')}
            </Button>
          )}
          <Button
            type="primary"
            disabled={object === undefined || (present !== null && text === original)}
            loading={save.pending}
            onClick={() => void submit()}
            data-testid="policy-save"
          >
            {t(present === null ? 'policies.create' : 'common.save')}
          </Button>
        </>
      }
      toolbar={
        <Segmented<'form' | 'yaml'>
          value={mode}
          onChange={setMode}
          options={(['form', 'yaml'] as const).map((value) => ({
            value,
            label: <span data-testid={`policy-mode-${value}`}>{t(`policies.${value}`)}</span>,
          }))}
        />
      }
      body="fill"
    >
      <div className="wizard">
        <div className="wizard-form">
          {save.error !== null && (
            <ErrorNotice
              error={save.error}
              onClose={save.reset}
              {...(save.error.code === 'CONFLICT'
                ? {
                    actions: (
                      <Button size="small" onClick={onAgain}>
                        {t('policies.reload')}
                      </Button>
                    ),
                  }
                : {})}
            />
          )}
          {mode === 'yaml' ? (
            <div className="policy-editor">
              <YamlEditor label={t('policies.yaml')} value={text} onChange={setText} />
            </div>
          ) : 'problem' in parsed && parsed.problem === 'yaml' ? (
            <Alert type="warning" showIcon title={t('policies.notYaml', { message: parsed.message })} />
          ) : (
            <FormOf text={text} kind={kind} isNew={present === null} federation={federation} onText={setText} />
          )}
        </div>
        <aside
          className="wizard-preview"
          aria-live="polite"
          aria-label={t('policies.preview')}
          data-testid="policy-preview"
        >
          <h2>{t('policies.preview')}</h2>
          <Preview federation={federation} kind={kind} object={object} />
        </aside>
      </div>
      {deleting && present !== null && (
        <DeletePolicy
          federation={federation}
          policy={{ kind, namespace: present.metadata.namespace ?? '', name: present.metadata.name ?? '' }}
          onClose={() => setDeleting(false)}
          onGone={() => navigate(['federations', federation.id, 'policies'])}
        />
      )}
    </Page>
  );
}

interface FormOfProps {
  text: string;
  kind: PolicyKind;
  isNew: boolean;
  federation: Federation;
  onText: (change: (text: string) => string) => void;
}

function FormOf({ text, kind, isNew, federation, onText }: FormOfProps) {
  const { t } = useText();
  // Also while the object is not complete, with no name yet.
  const object = useMemo(() => looseObject(text), [text]);
  const context: FormContext = {
    object,
    members: federation.members.map(({ name }) => name),
    change: (path: YamlPath, value: unknown) => onText((before) => changeYaml(before, path, value)),
  };
  const metadata = (object as Partial<KubeObject>).metadata ?? {};
  const clusterWide = isClusterWide(kind);
  const Form = isOverride(kind) ? OverrideForm : PropagationForm;
  return (
    <div className="stack wide" data-testid="policy-form">
      {isNew && (
        <Panel title={t('policies.sections.identity')}>
          <div className="form-grid">
            <Field label={t('policies.fields.name')} required>
              <Input
                className="mono"
                value={metadata.name ?? ''}
                onChange={(event) => context.change(['metadata', 'name'], event.target.value)}
                data-testid="policy-name"
              />
            </Field>
            {!clusterWide && (
              <Field label={t('policies.fields.namespace')} required>
                <Input
                  className="mono"
                  value={metadata.namespace ?? ''}
                  onChange={(event) => context.change(['metadata', 'namespace'], event.target.value)}
                  data-testid="policy-namespace"
                />
              </Field>
            )}
          </div>
        </Panel>
      )}
      <Form context={context} clusterWide={clusterWide} />
      <span className="muted">{t('policies.unknownFields')}</span>
    </div>
  );
}

function looseObject(text: string): unknown {
  // A name is what alone may be missing: then the rest of the text is as good.
  const parsed = parseObject(text);
  if ('object' in parsed) return parsed.object;
  const named = parseObject(changeYaml(text, ['metadata', 'name'], 'x'));
  if (!('object' in named)) return {};
  return { ...named.object, metadata: { ...named.object.metadata, name: '' } };
}

function Preview({
  federation,
  kind,
  object,
}: {
  federation: Federation;
  kind: PolicyKind;
  object: KubeObject | undefined;
}) {
  const { t } = useText();
  const settled = useDelayed(object, PAUSE_MS);
  const override = isOverride(kind);
  const effects = useOverridePreview(
    federation.id,
    override && settled !== undefined ? { kind: 'save', object: settled } : null,
  );
  if (settled === undefined) return <p className="muted">{t('policies.previewIncomplete')}</p>;
  return override ? (
    <OverrideEffects preview={effects} />
  ) : (
    <Before federation={federation} changes={[{ kind: 'policy', object: settled }]} />
  );
}
