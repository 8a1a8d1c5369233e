/** What admission makes of a new pod: service account with its token, tolerations, priority. */
import { randomInt } from 'node:crypto';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { forbidden } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin, KindDefinition } from '../types.ts';

const isNewPod: AdmissionPlugin['matches'] = (kind, operation, subresource) =>
  kind.group === '' && kind.resource === 'pods' && operation === 'CREATE' && subresource === '';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_SECONDS = 3607;
const LETTERS = 'bcdfghjklmnpqrstvwxz2456789';

/** Source: Kubernetes documentation, "Managing Service Accounts", ServiceAccount admission controller. */
export function serviceAccount(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    matches: isNewPod,
    mutate: ({ object, namespace, kind }) => {
      const pod = object!;
      // A static pod that a node reports brings its own.
      if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) return;
      const spec = pod.spec ?? {};
      pod.spec = spec;
      spec.serviceAccountName ||= spec.serviceAccount || 'default';
      spec.serviceAccount = spec.serviceAccountName;
      const account = accountOf(store, kind, pod, namespace, spec.serviceAccountName);
      const mount = spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true;
      if (mount) mountToken(spec);
      if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0)
        spec.imagePullSecrets = account.imagePullSecrets.map((secret: Json) => ({ name: secret.name }));
    },
  };
}

function accountOf(
  store: ObjectStore,
  kind: KindDefinition,
  pod: KubeObject,
  namespace: string,
  name: string,
): KubeObject {
  const stored = store.collection('/serviceaccounts').latest(`${namespace}/${name}`);
  if (stored === undefined)
    throw forbidden(
      kind,
      pod.metadata.name ?? '',
      `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
    );
  return stored.object;
}

function mountToken(spec: Json): void {
  const containers: Json[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter(
    (container) => !(container.volumeMounts ?? []).some((mount: Json) => mount.mountPath === TOKEN_PATH),
  );
  if (without.length === 0) return;
  const known = (spec.volumes ?? []).find((volume: Json) => String(volume.name).startsWith('kube-api-access-'));
  const name = known?.name ?? `kube-api-access-${suffix()}`;
  for (const container of without)
    container.volumeMounts = [...(container.volumeMounts ?? []), { name, readOnly: true, mountPath: TOKEN_PATH }];
  if (known === undefined) spec.volumes = [...(spec.volumes ?? []), tokenVolume(name)];
}

function tokenVolume(name: string): Json {
  return {
    name,
    projected: {
      sources: [
        { serviceAccountToken: { expirationSeconds: TOKEN_SECONDS, path: 'token' } },
        { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
        {
          downwardAPI: {
            items: [{ path: 'namespace', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.namespace' } }],
          },
        },
      ],
      defaultMode: 0o644,
    },
  };
}

function suffix(): string {
  let text = '';
  for (let i = 0; i < 5; i++) text += LETTERS[randomInt(LETTERS.length)];
  return text;
}

const TOLERATED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Source: Kubernetes documentation, "Taints and Tolerations", DefaultTolerationSeconds. */
export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  matches: isNewPod,
  mutate: ({ object }) => {
    const spec = object!.spec ?? {};
    object!.spec = spec;
    const present: Json[] = spec.tolerations ?? [];
    const missing = TOLERATED.filter(
      (key) =>
        !present.some(
          (each) => (each.key === key || (each.key ?? '') === '') && (!each.effect || each.effect === 'NoExecute'),
        ),
    );
    if (missing.length === 0) return;
    const added = missing.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 }));
    spec.tolerations = [...present, ...added];
  },
};

const SYSTEM_PRIORITIES: Record<string, number> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

/** Source: Kubernetes documentation, "Pod Priority and Preemption". */
export function priority(store: ObjectStore): AdmissionPlugin {
  return {
    name: 'Priority',
    matches: isNewPod,
    mutate: ({ object, kind }) => {
      const spec = object!.spec ?? {};
      object!.spec = spec;
      const classes = store.collection('scheduling.k8s.io/priorityclasses');
      const found = spec.priorityClassName
        ? classes.latest(spec.priorityClassName)?.object
        : [...classes.items.values()].map((stored) => stored.object).find((each) => each.globalDefault === true);
      const system = SYSTEM_PRIORITIES[spec.priorityClassName ?? ''];
      if (spec.priorityClassName && found === undefined && system === undefined)
        throw forbidden(
          kind,
          object!.metadata.name ?? '',
          `no PriorityClass with name ${spec.priorityClassName} was found`,
        );
      if (found !== undefined) spec.priorityClassName = found.metadata.name;
      const value = found?.value ?? system ?? 0;
      if (spec.priority !== undefined && spec.priority !== value)
        throw forbidden(
          kind,
          object!.metadata.name ?? '',
          `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} from the given PriorityClass name`,
        );
      spec.priority = value;
      spec.preemptionPolicy ??= found?.preemptionPolicy ?? 'PreemptLowerPriority';
    },
  };
}
