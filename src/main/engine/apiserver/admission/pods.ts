/** What admission makes of a new pod: service account with its token, tolerations. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Chance, drawSuffix } from '../chance.ts';
import { forbidden } from '../status.ts';
import type { Collection } from '../storage/collection.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { StoreEvent } from '../storage/types.ts';
import type { AdmissionPlugin, KindDefinition } from '../types.ts';
import { subjectOf } from './subject.ts';

const isNewPod: AdmissionPlugin['matches'] = (kind, operation, subresource) =>
  kind.group === '' && kind.resource === 'pods' && operation === 'CREATE' && subresource === '';

const TOKEN_PATH = '/var/run/secrets/kubernetes.io/serviceaccount';
const TOKEN_SECONDS = 3607;
/** How long the real plugin looks for a default account before it gives up. */
const ACCOUNT_WAIT_MS = 1500;

/** Source: Kubernetes documentation, "Managing Service Accounts", ServiceAccount admission controller. */
export function serviceAccount(store: ObjectStore, chance: Chance): AdmissionPlugin {
  return {
    name: 'ServiceAccount',
    matches: isNewPod,
    mutate: ({ object, namespace, kind }) => {
      const pod = object!;
      const spec = pod.spec ?? {};
      // A static pod that a node reports brings its own.
      if (pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined) {
        refuseReferences(kind, pod);
        return;
      }
      pod.spec = spec;
      spec.serviceAccountName ||= spec.serviceAccount || 'default';
      spec.serviceAccount = spec.serviceAccountName;
      const name: string = spec.serviceAccountName;
      const { name: own, generateName = '' } = pod.metadata;
      const draw = (): string => drawSuffix(chance, `token ${namespace}/${own || generateName}`);
      const accounts = store.collection('/serviceaccounts');
      const known = accounts.latest(`${namespace}/${name}`)?.object;
      if (known !== undefined) return fill(spec, known, draw);
      // The default account of a new namespace is on its way.
      const missing = accountMissing(kind, pod, namespace, name);
      if (name !== 'default') throw missing;
      return arrival(accounts, `${namespace}/${name}`).then((account) => {
        if (account === null) throw missing;
        fill(spec, account, draw);
      });
    },
  };
}

function fill(spec: Json, account: KubeObject, draw: () => string): void {
  if (spec.automountServiceAccountToken ?? account.automountServiceAccountToken ?? true) mountToken(spec, draw);
  if ((spec.imagePullSecrets ?? []).length === 0 && (account.imagePullSecrets ?? []).length > 0)
    spec.imagePullSecrets = account.imagePullSecrets.map((secret: Json) => ({ name: secret.name }));
}

/** Mirror pods show what a node runs by itself; they must not make it read what is in the API. */
function refuseReferences(kind: KindDefinition, pod: KubeObject): void {
  const name = subjectOf({ name: '', object: pod });
  if (pod.spec?.serviceAccountName) throw forbidden(kind, name, 'a mirror pod may not reference service accounts');
  for (const volume of pod.spec?.volumes ?? []) {
    if (volume.secret !== undefined) throw forbidden(kind, name, 'a mirror pod may not reference secrets');
    if (volume.persistentVolumeClaim !== undefined)
      throw forbidden(kind, name, 'a mirror pod may not reference persistentvolumeclaims');
    if ((volume.projected?.sources ?? []).some((source: Json) => source.serviceAccountToken !== undefined))
      throw forbidden(kind, name, 'a mirror pod may not use ServiceAccountToken volume projections');
  }
}

function accountMissing(kind: KindDefinition, pod: KubeObject, namespace: string, name: string): Error {
  return forbidden(
    kind,
    subjectOf({ name: '', object: pod }),
    `error looking up service account ${namespace}/${name}: serviceaccount "${name}" not found`,
  );
}

/** Waits for an object to be stored; null when it does not come. */
function arrival(collection: Collection, key: string): Promise<KubeObject | null> {
  return new Promise((resolve) => {
    const done = (object: KubeObject | null) => {
      clearTimeout(timer);
      collection.watchers.delete(onEvent);
      resolve(object);
    };
    const onEvent = (event: StoreEvent) => {
      if (event.key === key && event.type !== 'DELETED') done(event.current.object);
    };
    const timer = setTimeout(() => done(null), ACCOUNT_WAIT_MS);
    collection.watchers.add(onEvent);
  });
}

/** `draw`: the end of the volume's name. */
function mountToken(spec: Json, draw: () => string): void {
  const containers: Json[] = [...(spec.initContainers ?? []), ...(spec.containers ?? [])];
  const without = containers.filter(
    (container) => !(container.volumeMounts ?? []).some((mount: Json) => mount.mountPath === TOKEN_PATH),
  );
  if (without.length === 0) return;
  const known = (spec.volumes ?? []).find((volume: Json) => String(volume.name).startsWith('kube-api-access-'));
  const name = known?.name ?? `kube-api-access-${draw()}`;
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

const TOLERATED = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable'];

/** Source: Kubernetes documentation, "Taints and Tolerations", DefaultTolerationSeconds. */
export const defaultTolerations: AdmissionPlugin = {
  name: 'DefaultTolerationSeconds',
  // Who replaces the list without them gets them back.
  matches: (kind, operation, subresource) =>
    isNewPod(kind, operation, subresource) || (operation === 'UPDATE' && isNewPod(kind, 'CREATE', subresource)),
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
