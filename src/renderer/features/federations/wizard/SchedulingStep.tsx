/** Second step: to which clusters, in what proportion, and what differs in each of them. */
import type { Federation } from '#shared/contract/federations.ts';
import { formatRoute } from '../../../app/router.ts';
import { useText } from '../../../stores/text.ts';
import { Alert, Button, Checkbox, Input, InputNumber, Radio, Switch } from '../../../ui/controls.ts';
import { Field } from '../../../ui/Field.tsx';
import { Panel } from '../../../ui/Page.tsx';
import { PairsEditor } from '../../../ui/PairsEditor.tsx';
import { Status, TargetName } from '../../../ui/Status.tsx';
import { useDrafts } from './draft.store.ts';
import { type Difference, type Draft, hasReplicas, noDifference, type Problem, problemOf, weightOf } from './model.ts';
import { resolveDraft } from './resolve.ts';

export interface SchedulingStepProps {
  id: string;
  draft: Draft;
  federation: Federation;
  problems: readonly Problem[];
}

export function SchedulingStep({ id, draft, federation, problems }: SchedulingStepProps) {
  const { t } = useText();
  const { changeScheduling } = useDrafts.getState();
  const plan = draft.scheduling;
  const kind = draft.mode === 'form' ? draft.form.kind : (resolveDraft(draft).template?.kind ?? '');
  const divisible = hasReplicas(kind);
  const weighted = divisible && plan.strategy === 'weighted';
  const error = (field: string) => {
    const problem = problemOf(problems, field);
    return problem === undefined ? undefined : t(problem.text, problem.params);
  };
  // Members that left the federation stay visible while they are chosen, so that they can be taken out.
  const names = [...new Set([...federation.members.map(({ name }) => name), ...plan.clusters])];
  if (names.length === 0)
    return (
      <Alert
        type="warning"
        showIcon
        title={t('wizard.noMembers')}
        action={
          <Button href={formatRoute(['federations', id, 'members'])}>{t('federations.members.joinFleet')}</Button>
        }
      />
    );
  const choose = (name: string, chosen: boolean) =>
    changeScheduling(id, {
      clusters: chosen
        ? names.filter((each) => each === name || plan.clusters.includes(each))
        : plan.clusters.filter((each) => each !== name),
    });
  const changeDifference = (name: string, change: Partial<Difference>) =>
    changeScheduling(id, {
      differences: { ...plan.differences, [name]: { ...(plan.differences[name] ?? noDifference), ...change } },
    });
  return (
    <div className="stack wide">
      {divisible && (
        <Panel title={t('wizard.strategy')}>
          <div className="stack">
            <Radio.Group
              value={plan.strategy}
              onChange={(event) => changeScheduling(id, { strategy: event.target.value as typeof plan.strategy })}
              options={(['weighted', 'duplicated'] as const).map((strategy) => ({
                value: strategy,
                label: <span data-testid={`strategy-${strategy}`}>{t(`wizard.strategies.${strategy}`)}</span>,
              }))}
            />
            <span className="muted">{t(`wizard.strategyHelp.${plan.strategy}`)}</span>
          </div>
        </Panel>
      )}
      <Panel title={t('wizard.clusters')} extra={<span className="muted">{t('wizard.clustersHelp')}</span>}>
        <div className="stack">
          {names.map((name) => {
            const member = federation.members.find((each) => each.name === name);
            const chosen = plan.clusters.includes(name);
            const difference = plan.differences[name] ?? noDifference;
            return (
              <div key={name} className="wizard-cluster" data-chosen={chosen} data-testid={`plan-${name}`}>
                <div className="wizard-cluster-line">
                  <Checkbox
                    checked={chosen}
                    onChange={(event) => choose(name, event.target.checked)}
                    data-testid="plan-choose"
                  >
                    <TargetName name={name} />
                  </Checkbox>
                  {member?.ready !== true && <Status level="warning">{t('wizard.notReady')}</Status>}
                  <span className="grow" />
                  {weighted && chosen && (
                    <label className="row">
                      <span className="muted">{t('wizard.weight')}</span>
                      <InputNumber
                        min={0}
                        max={1000}
                        precision={0}
                        value={weightOf(plan, name)}
                        onChange={(weight) =>
                          changeScheduling(id, { weights: { ...plan.weights, [name]: weight ?? 0 } })
                        }
                        aria-label={t('wizard.weightOf', { cluster: name })}
                        data-testid="plan-weight"
                      />
                    </label>
                  )}
                  {chosen && (
                    <label className="row">
                      <Switch
                        size="small"
                        checked={difference.enabled}
                        onChange={(enabled) => changeDifference(name, { enabled })}
                        data-testid="plan-differs"
                        aria-label={`${name}: ${t('wizard.differs')}`}
                      />
                      <span className="muted">{t('wizard.differs')}</span>
                    </label>
                  )}
                </div>
                {chosen && difference.enabled && (
                  <Differences
                    cluster={name}
                    difference={difference}
                    onChange={(change) => changeDifference(name, change)}
                    error={error}
                  />
                )}
              </div>
            );
          })}
          {(error('clusters') ?? error('weights')) !== undefined && (
            <span className="text-error" role="alert" data-testid="plan-problem">
              {error('clusters') ?? error('weights')}
            </span>
          )}
        </div>
      </Panel>
      <Panel>
        <div className="stack">
          <label className="row wrap">
            <span>{t('wizard.tolerations')}</span>
            <InputNumber
              min={0}
              max={86_400}
              precision={0}
              value={plan.tolerationSeconds}
              onChange={(tolerationSeconds) => changeScheduling(id, { tolerationSeconds })}
              data-testid="plan-tolerations"
            />
            <span>{t('wizard.tolerationsSeconds')}</span>
          </label>
          <span className="muted">{t('wizard.tolerationsHelp')}</span>
          <Checkbox
            checked={plan.propagateDeps}
            onChange={(event) => changeScheduling(id, { propagateDeps: event.target.checked })}
          >
            {t('wizard.propagateDeps')}
          </Checkbox>
        </div>
      </Panel>
    </div>
  );
}

interface DifferencesProps {
  cluster: string;
  difference: Difference;
  onChange: (change: Partial<Difference>) => void;
  error: (field: string) => string | undefined;
}

function Differences({ cluster, difference, onChange, error }: DifferencesProps) {
  const { t } = useText();
  const prefix = `differences.${cluster}`;
  return (
    <div className="stack wide wizard-differences" data-testid={`differences-${cluster}`}>
      <span className="muted">{t('wizard.differencesHelp')}</span>
      <Field label={t('wizard.image')}>
        <Input
          className="mono"
          value={difference.image}
          onChange={(event) => onChange({ image: event.target.value })}
          data-testid="difference-image"
        />
      </Field>
      <PairsEditor
        label={t('wizard.labels')}
        pairs={difference.labels}
        onChange={(labels) => onChange({ labels })}
        addLabel={t('wizard.addLabel')}
        keyLabel={t('wizard.key')}
        valueLabel={t('wizard.value')}
        error={error(`${prefix}.labels`)}
        testId="difference-labels"
      />
      <PairsEditor
        label={t('wizard.annotations')}
        pairs={difference.annotations}
        onChange={(annotations) => onChange({ annotations })}
        addLabel={t('wizard.addAnnotation')}
        keyLabel={t('wizard.key')}
        valueLabel={t('wizard.value')}
        error={error(`${prefix}.annotations`)}
        testId="difference-annotations"
      />
      <Field label={t('wizard.patch')} help={t('wizard.patchHelp')} error={error(`${prefix}.patch`)}>
        <Input.TextArea
          className="mono"
          autoSize={{ minRows: 1, maxRows: 8 }}
          spellCheck={false}
          value={difference.patch}
          onChange={(event) => onChange({ patch: event.target.value })}
          data-testid="difference-patch"
        />
      </Field>
    </div>
  );
}
