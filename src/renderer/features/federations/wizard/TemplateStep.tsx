/** First step: what is to run, by form or as YAML. */

import { toYaml } from '#shared/kubernetes/yaml-text.ts';
import { useText } from '../../../stores/text.ts';
import { Button, Input, InputNumber, Segmented, Select } from '../../../ui/controls.ts';
import { Field } from '../../../ui/Field.tsx';
import { AddIcon, RemoveIcon } from '../../../ui/icons.ts';
import { Panel } from '../../../ui/Page.tsx';
import { PairsEditor } from '../../../ui/PairsEditor.tsx';
import { YamlEditor } from '../../../ui/yaml/Yaml.tsx';
import { useDrafts } from './draft.store.ts';
import { type Draft, formKinds, hasReplicas, type PortLine, type Problem, problemOf } from './model.ts';
import { templateOf } from './objects.ts';
import type { Resolved } from './resolve.ts';

const protocols: readonly PortLine['protocol'][] = ['TCP', 'UDP', 'SCTP'];

export function TemplateStep({
  id,
  draft,
  problems,
  parsed,
}: {
  id: string;
  draft: Draft;
  problems: readonly Problem[];
  parsed: Resolved;
}) {
  const { t } = useText();
  const { change } = useDrafts.getState();
  return (
    <div className="stack wide fill-column">
      <Segmented<Draft['mode']>
        value={draft.mode}
        onChange={(mode) =>
          // The form's content is carried over once, so that switching does not start from nothing.
          change(id, {
            mode,
            ...(mode === 'yaml' && draft.templateYaml === '' ? { templateYaml: toYaml(templateOf(draft.form)) } : {}),
          })
        }
        options={[
          { value: 'form', label: <span data-testid="mode-form">{t('wizard.form')}</span> },
          { value: 'yaml', label: <span data-testid="mode-yaml">{t('wizard.yaml')}</span> },
        ]}
      />
      {draft.mode === 'form' ? (
        <TemplateFields id={id} draft={draft} problems={problems} />
      ) : (
        <TemplateText id={id} draft={draft} parsed={parsed} />
      )}
    </div>
  );
}

function TemplateText({ id, draft, parsed }: { id: string; draft: Draft; parsed: Resolved }) {
  const { t } = useText();
  const { change } = useDrafts.getState();
  const result = parsed.templateParsed;
  return (
    <div className="stack fill-column">
      <YamlEditor
        label={t('wizard.review.template')}
        value={draft.templateYaml}
        onChange={(templateYaml) => change(id, { templateYaml })}
      />
      {result !== null && 'problem' in result && draft.templateYaml.trim() !== '' && (
        <span className="text-error" role="alert" data-testid="template-problem">
          {result.problem === 'yaml'
            ? t('common.invalid.yaml', { message: result.message })
            : t('wizard.problems.apiVersion')}
        </span>
      )}
    </div>
  );
}

function TemplateFields({ id, draft, problems }: { id: string; draft: Draft; problems: readonly Problem[] }) {
  const { t } = useText();
  const { changeForm } = useDrafts.getState();
  const form = draft.form;
  const error = (field: string) => {
    const problem = problemOf(problems, field);
    return problem === undefined ? undefined : t(problem.text, problem.params);
  };
  return (
    <div className="stack wide">
      <Panel title={t('wizard.basics')}>
        <div className="form-grid">
          <Field label={t('wizard.kind')}>
            <Select
              value={form.kind}
              onChange={(kind) => changeForm(id, { kind })}
              options={formKinds.map((kind) => ({ value: kind, label: kind }))}
            />
          </Field>
          <Field label={t('common.name')} required error={error('name')}>
            <Input
              autoFocus
              value={form.name}
              onChange={(event) => changeForm(id, { name: event.target.value })}
              data-testid="template-name"
            />
          </Field>
          <Field label={t('wizard.namespace')} required error={error('namespace')}>
            <Input
              value={form.namespace}
              onChange={(event) => changeForm(id, { namespace: event.target.value })}
              data-testid="template-namespace"
            />
          </Field>
          {hasReplicas(form.kind) && (
            <Field label={t('wizard.replicas')} required error={error('replicas')}>
              <InputNumber
                min={0}
                max={100_000}
                precision={0}
                value={form.replicas}
                onChange={(replicas) => changeForm(id, { replicas })}
                data-testid="template-replicas"
              />
            </Field>
          )}
        </div>
      </Panel>
      <Panel title={t('wizard.container')}>
        <div className="stack wide">
          <Field label={t('wizard.image')} required error={error('image')} help={t('wizard.imageHelp')}>
            <Input
              className="mono"
              value={form.image}
              onChange={(event) => changeForm(id, { image: event.target.value })}
              data-testid="template-image"
            />
          </Field>
          <fieldset className="pairs" data-testid="template-ports">
            <legend>{t('wizard.ports')}</legend>
            {form.ports.map((line, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: lines have no identity but their place.
              <div className="row" key={index}>
                <InputNumber
                  min={1}
                  max={65_535}
                  precision={0}
                  value={line.port}
                  placeholder={t('wizard.port')}
                  aria-label={t('wizard.port')}
                  onChange={(port) =>
                    changeForm(id, { ports: form.ports.map((each, at) => (at === index ? { ...each, port } : each)) })
                  }
                />
                <Select
                  value={line.protocol}
                  aria-label={t('wizard.protocol')}
                  onChange={(protocol) =>
                    changeForm(id, {
                      ports: form.ports.map((each, at) => (at === index ? { ...each, protocol } : each)),
                    })
                  }
                  options={protocols.map((protocol) => ({ value: protocol, label: protocol }))}
                />
                <Button
                  type="text"
                  icon={<RemoveIcon />}
                  aria-label={t('common.remove')}
                  onClick={() => changeForm(id, { ports: form.ports.filter((_, at) => at !== index) })}
                />
              </div>
            ))}
            <div>
              <Button
                type="dashed"
                icon={<AddIcon />}
                onClick={() => changeForm(id, { ports: [...form.ports, { port: null, protocol: 'TCP' }] })}
              >
                {t('wizard.addPort')}
              </Button>
            </div>
            {error('ports') !== undefined && (
              <div className="field-error" role="alert">
                {error('ports')}
              </div>
            )}
          </fieldset>
          <PairsEditor
            label={t('wizard.env')}
            pairs={form.env}
            onChange={(env) => changeForm(id, { env })}
            addLabel={t('wizard.addEnv')}
            keyLabel={t('common.name')}
            valueLabel={t('wizard.value')}
            error={error('env')}
            testId="template-env"
          />
          <PairsEditor
            label={t('wizard.labels')}
            pairs={form.labels}
            onChange={(labels) => changeForm(id, { labels })}
            addLabel={t('wizard.addLabel')}
            keyLabel={t('wizard.key')}
            valueLabel={t('wizard.value')}
            error={error('labels')}
            testId="template-labels"
          />
        </div>
      </Panel>
    </div>
  );
}
