/** Karmada's admission webhooks as plugins of the embedded API server. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  type AdmissionPlugin,
  defaultAutoscaler,
  type FieldError,
  forbidden,
  invalid,
  type KindDefinition,
  refuse,
  validateIngress,
} from '../../apiserver/index.ts';
import { type Binding, KEYS, type OverridePolicy, type PropagationPolicy } from '../api.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import { equalJson } from '../json.ts';
import type { QuotaBook } from '../quota/book.ts';
import { QUOTA_EXCEEDED } from '../scheduler/errors.ts';
import { type Known, overrideAdvice, policyAdvice } from './advice.ts';
import {
  defaultBinding,
  defaultCluster,
  defaultMultiClusterService,
  defaultOverridePolicy,
  defaultPolicy,
  defaultWork,
} from './defaults.ts';
import { bootstrapTokens, fleetMembersOnly } from './members.ts';
import { validateCluster, validatePolicy } from './validate.ts';
import {
  validateAutoscaler,
  validateCronAutoscaler,
  validateMultiClusterService,
  validateQuota,
  validateTaintPolicy,
} from './validate-more.ts';
import { validateOverridePolicy } from './validate-override.ts';

interface Rules {
  mutate?(object: KubeObject, creating: boolean, failover: FailoverSettings): void;
  validate?(object: KubeObject, old: KubeObject | null): FieldError[];
  /** Texts for Warning headers about what is accepted. */
  advise?(object: KubeObject, known: Known): Promise<string[]>;
}

/** Karmada would act on it: who waits for that here waits in vain. */
const idle = async ({ kind }: KubeObject): Promise<string[]> => [
  `${kind} is stored, and nothing acts on it in this federation yet`,
];

const policy: Rules = {
  mutate: (object, creating, { enabled, tolerationSeconds }) =>
    defaultPolicy(object, creating, enabled ? tolerationSeconds : null),
  validate: validatePolicy,
  advise: (object, known) => policyAdvice(object as PropagationPolicy, known),
};
const override: Rules = {
  mutate: defaultOverridePolicy,
  validate: validateOverridePolicy,
  advise: (object, known) => overrideAdvice(object as OverridePolicy, known),
};
const RULES: Record<string, Rules> = {
  'policy.karmada.io/propagationpolicies': policy,
  'policy.karmada.io/clusterpropagationpolicies': policy,
  'policy.karmada.io/overridepolicies': override,
  'policy.karmada.io/clusteroverridepolicies': override,
  'policy.karmada.io/federatedresourcequotas': { validate: validateQuota },
  'policy.karmada.io/clustertaintpolicies': { validate: validateTaintPolicy },
  'autoscaling.karmada.io/federatedhpas': { mutate: defaultAutoscaler, validate: validateAutoscaler, advise: idle },
  'autoscaling.karmada.io/cronfederatedhpas': { validate: validateCronAutoscaler, advise: idle },
  'networking.karmada.io/multiclusteringresses': { validate: validateIngress, advise: idle },
  'networking.karmada.io/multiclusterservices': {
    mutate: defaultMultiClusterService,
    validate: validateMultiClusterService,
    advise: idle,
  },
  'work.karmada.io/resourcebindings': { mutate: defaultBinding },
  'work.karmada.io/clusterresourcebindings': { mutate: defaultBinding },
  'work.karmada.io/works': { mutate: defaultWork },
  'cluster.karmada.io/clusters': {
    mutate: (cluster) => defaultCluster(cluster, `${new Date().toISOString().slice(0, 19)}Z`),
    validate: validateCluster,
  },
};
const rulesOf = (kind: KindDefinition): Rules | undefined => RULES[`${kind.group}/${kind.resource}`];

const isCustomization = (kind: KindDefinition): boolean =>
  kind.group === 'config.karmada.io' && kind.resource === 'resourceinterpretercustomizations';

export interface FederationState {
  /** The settings in force; asked at every write. */
  failover(): FailoverSettings;
  /** What is wrong with an interpreter customization. */
  customization(object: KubeObject): FieldError[];
  /** Names of the clusters that shall be members; null while that is not known. */
  members(): ReadonlySet<string> | null;
  /** Null while the control plane starts: then nobody is advised. */
  known(): Known | null;
  /** Null while the control plane starts: then nothing is placed. */
  quotas(): QuotaBook | null;
}

const karmada = ({ failover, known, customization }: FederationState): AdmissionPlugin => ({
  name: 'Karmada',
  matches: (kind, operation, subresource) =>
    operation !== 'DELETE' && subresource === '' && (rulesOf(kind) !== undefined || isCustomization(kind)),
  mutate({ kind, object, operation }) {
    // What has no spec is refused by its schema; nothing can be filled in there.
    if (object !== null && typeof object.spec === 'object')
      rulesOf(kind)?.mutate?.(object, operation === 'CREATE', failover());
  },
  validate({ kind, object, old, name, notes }) {
    // An object on its way out only loses finalizers: rules it broke before must not keep it.
    if (object === null || object.metadata.deletionTimestamp) return;
    const rules = rulesOf(kind);
    const errors = isCustomization(kind) ? customization(object) : (rules?.validate?.(object, old) ?? []);
    if (errors.length > 0) throw invalid(kind, name, errors);
    // Labels and finalizers that controllers write are no news to anybody.
    const world = old !== null && equalJson(old.spec, object.spec) ? null : known();
    if (world === null) return;
    return rules?.advise?.(object, world).then((texts) => void notes.warnings.push(...texts));
  },
});

/** A template labelled as protected cannot be deleted, by whatever way. */
const deletionProtection: AdmissionPlugin = {
  name: 'KarmadaDeletionProtection',
  matches: (_, operation, subresource) => operation === 'DELETE' && subresource === '',
  validate({ kind, name, old }) {
    if (old?.metadata.labels?.[KEYS.deletionProtected] === 'Always')
      throw forbidden(
        kind,
        name,
        `This resource is protected, please make sure to remove the label: ${KEYS.deletionProtected}`,
      );
  },
};

/** Federated quotas count what a binding places, in the turn of the write. */
const federatedQuota = ({ quotas }: FederationState): AdmissionPlugin => ({
  name: 'KarmadaFederatedResourceQuota',
  matches: ({ group, resource }, operation, subresource) =>
    group === 'work.karmada.io' &&
    resource === 'resourcebindings' &&
    subresource === '' &&
    (operation === 'CREATE' || operation === 'UPDATE'),
  commit({ object, old, dryRun }) {
    if (object === null || object.metadata.deletionTimestamp || dryRun) return;
    const text = quotas()?.charge(object as Binding, old as Binding | null) ?? null;
    if (text !== null) throw refuse(403, QUOTA_EXCEEDED, text);
  },
});

export function federationAdmission(state: FederationState): AdmissionPlugin[] {
  return [
    karmada(state),
    federatedQuota(state),
    deletionProtection,
    fleetMembersOnly(() => state.members()),
    bootstrapTokens,
  ];
}
