/** Karmada's admission webhooks as plugins of the embedded API server. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import {
  type AdmissionPlugin,
  type FieldError,
  forbidden,
  invalid,
  type KindDefinition,
} from '../../apiserver/index.ts';
import { KEYS } from '../api.ts';
import type { FailoverSettings } from '../failover/settings.ts';
import { defaultBinding, defaultCluster, defaultOverridePolicy, defaultPolicy, defaultWork } from './defaults.ts';
import { validateCluster, validateOverridePolicy, validatePolicy } from './validate.ts';

interface Rules {
  mutate?(object: KubeObject, creating: boolean, failover: FailoverSettings): void;
  validate?(object: KubeObject, old: KubeObject | null): FieldError[];
}

const policy: Rules = {
  mutate: (object, creating, { enabled, tolerationSeconds }) =>
    defaultPolicy(object, creating, enabled ? tolerationSeconds : null),
  validate: validatePolicy,
};
const override: Rules = { mutate: defaultOverridePolicy, validate: validateOverridePolicy };
const RULES: Record<string, Rules> = {
  'policy.karmada.io/propagationpolicies': policy,
  'policy.karmada.io/clusterpropagationpolicies': policy,
  'policy.karmada.io/overridepolicies': override,
  'policy.karmada.io/clusteroverridepolicies': override,
  'work.karmada.io/resourcebindings': { mutate: defaultBinding },
  'work.karmada.io/clusterresourcebindings': { mutate: defaultBinding },
  'work.karmada.io/works': { mutate: defaultWork },
  'cluster.karmada.io/clusters': {
    mutate: (cluster) => defaultCluster(cluster, `${new Date().toISOString().slice(0, 19)}Z`),
    validate: validateCluster,
  },
};
const rulesOf = (kind: KindDefinition): Rules | undefined => RULES[`${kind.group}/${kind.resource}`];

const karmada = (failover: () => FailoverSettings): AdmissionPlugin => ({
  name: 'Karmada',
  matches: (kind, operation, subresource) =>
    operation !== 'DELETE' && subresource === '' && rulesOf(kind) !== undefined,
  mutate({ kind, object, operation }) {
    // What has no spec is refused by its schema; nothing can be filled in there.
    if (object !== null && typeof object.spec === 'object')
      rulesOf(kind)?.mutate?.(object, operation === 'CREATE', failover());
  },
  validate({ kind, object, old, name }) {
    // An object on its way out only loses finalizers: rules it broke before must not keep it.
    if (object === null || object.metadata.deletionTimestamp) return;
    const errors = rulesOf(kind)?.validate?.(object, old) ?? [];
    if (errors.length > 0) throw invalid(kind, name, errors);
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

/** @param failover the settings in force; asked at every write */
export function federationAdmission(failover: () => FailoverSettings): AdmissionPlugin[] {
  return [karmada(failover), deletionProtection];
}
