/** The form of a propagation policy, section by section (U9, U11). It shows and changes the text of the policy. */
import { valueAt } from '#shared/kubernetes/yaml-edit.ts';
import { useText } from '../../../stores/text.ts';
import { Radio } from '../../../ui/controls.ts';
import { Panel } from '../../../ui/Page.tsx';
import { type FormContext, FormNodes } from './FormNodes.tsx';
import {
  affinityNodes,
  failoverNodes,
  furtherNodes,
  groupsNode,
  selectorList,
  spreadNode,
  suspensionNodes,
  tolerationsNode,
  weightsNode,
} from './nodes.ts';

const SPEC = ['spec'];
const PLACEMENT = ['spec', 'placement'];
const SCHEDULING = ['spec', 'placement', 'replicaScheduling'];

const strategies = ['Duplicated', 'StaticWeight', 'DynamicWeight', 'Aggregated'] as const;
type Strategy = (typeof strategies)[number];

export function PropagationForm({ context, clusterWide }: { context: FormContext; clusterWide: boolean }) {
  const { t } = useText();
  return (
    <>
      <Panel title={t('policies.sections.selectors')}>
        <FormNodes nodes={[selectorList(clusterWide)]} at={SPEC} context={context} />
      </Panel>
      <Where context={context} />
      <Division context={context} />
      <Panel title={t('policies.sections.spread')}>
        <FormNodes nodes={[spreadNode]} at={PLACEMENT} context={context} />
      </Panel>
      <Panel title={t('policies.sections.tolerations')}>
        <FormNodes nodes={[tolerationsNode]} at={PLACEMENT} context={context} />
      </Panel>
      <Panel title={t('policies.sections.failover')}>
        <FormNodes nodes={failoverNodes} at={['spec', 'failover']} context={context} />
      </Panel>
      <Panel title={t('policies.sections.suspension')}>
        <FormNodes nodes={suspensionNodes} at={SPEC} context={context} />
      </Panel>
      <Panel title={t('policies.sections.more')}>
        <FormNodes nodes={furtherNodes} at={SPEC} context={context} />
      </Panel>
    </>
  );
}

function Where({ context }: { context: FormContext }) {
  const { t } = useText();
  const { object, change } = context;
  const groups = valueAt(object, [...PLACEMENT, 'clusterAffinities']) != null;
  const one = valueAt(object, [...PLACEMENT, 'clusterAffinity']) != null;
  const where = groups ? 'groups' : one ? 'one' : 'all';
  const choose = (next: typeof where): void => {
    if (next === where) return;
    // What was entered goes along between one group and several.
    const present = valueAt(object, [...PLACEMENT, 'clusterAffinity']);
    const first = valueAt(object, [...PLACEMENT, 'clusterAffinities', 0]) as Record<string, unknown> | undefined;
    const { affinityName: _, overflowAffinities: __, ...affinity } = first ?? {};
    change(
      [...PLACEMENT, 'clusterAffinities'],
      next === 'groups' ? [{ affinityName: 'first', ...(present ?? {}) }] : undefined,
    );
    change([...PLACEMENT, 'clusterAffinity'], next === 'one' ? (groups ? affinity : { clusterNames: [] }) : undefined);
  };
  return (
    <Panel title={t('policies.sections.clusters')}>
      <div className="stack">
        <Radio.Group
          value={where}
          onChange={(event) => choose(event.target.value as typeof where)}
          options={(['all', 'one', 'groups'] as const).map((value) => ({
            value,
            label: <span data-testid={`where-${value}`}>{t(`policies.where.${value}`)}</span>,
          }))}
        />
        <span className="muted">{t(`policies.whereHelp.${where}`)}</span>
        {where === 'one' && (
          <FormNodes nodes={affinityNodes} at={[...PLACEMENT, 'clusterAffinity']} context={context} />
        )}
        {where === 'groups' && <FormNodes nodes={[groupsNode]} at={PLACEMENT} context={context} />}
      </div>
    </Panel>
  );
}

export function strategyOf(object: unknown): Strategy {
  const at = (...path: string[]): unknown => valueAt(object, [...SCHEDULING, ...path]);
  if (at() == null || at('replicaSchedulingType') === 'Duplicated') return 'Duplicated';
  if (at('replicaDivisionPreference') === 'Aggregated') return 'Aggregated';
  return at('weightPreference', 'dynamicWeight') ? 'DynamicWeight' : 'StaticWeight';
}

function Division({ context }: { context: FormContext }) {
  const { t } = useText();
  const { object, change, members } = context;
  const strategy = strategyOf(object);
  const choose = (next: Strategy): void => {
    const set = (key: string, value: unknown): void => change([...SCHEDULING, key], value);
    set('replicaSchedulingType', next === 'Duplicated' ? 'Duplicated' : 'Divided');
    set(
      'replicaDivisionPreference',
      next === 'Duplicated' ? undefined : next === 'Aggregated' ? 'Aggregated' : 'Weighted',
    );
    if (next === 'StaticWeight') {
      const named = valueAt(object, [...PLACEMENT, 'clusterAffinity', 'clusterNames']);
      const names = Array.isArray(named) && named.length > 0 ? named.map(String) : members;
      const rules = names.map((name) => ({ targetCluster: { clusterNames: [name] }, weight: 1 }));
      set('weightPreference', { staticWeightList: rules });
    } else set('weightPreference', next === 'DynamicWeight' ? { dynamicWeight: 'AvailableReplicas' } : undefined);
  };
  return (
    <Panel title={t('policies.sections.division')}>
      <div className="stack">
        <Radio.Group
          value={strategy}
          onChange={(event) => choose(event.target.value as Strategy)}
          options={strategies.map((value) => ({
            value,
            label: <span data-testid={`division-${value}`}>{t(`policies.strategies.${value}`)}</span>,
          }))}
        />
        <span className="muted">{t(`policies.strategyHelp.${strategy}`)}</span>
        {strategy === 'StaticWeight' && <FormNodes nodes={[weightsNode]} at={SCHEDULING} context={context} />}
      </div>
    </Panel>
  );
}
