/**
 * ConfigMap kube-root-ca.crt in every namespace, which pods mount to know their API server. Comes back when it is changed
 * or deleted. Source: KEP-1205; controller root-ca-certificate-publisher.
 */
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER } from '../core.ts';
import { cloneJson, equalJson } from '../json.ts';
import { createObject } from '../verbs/create.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const NAME = 'kube-root-ca.crt';
const DESCRIPTION = 'kubernetes.io/description';
const OPTIONS = { dryRun: false, fieldManager: 'kube-controller-manager' };
/** Clients compare this text with that of other clusters, so it is the field's own. */
const DESCRIPTION_TEXT =
  'Contains a CA bundle that can be used to verify the kube-apiserver when using internal endpoints such as the internal service IP or kubernetes.default.svc. No other usage is guaranteed across distributions of Kubernetes clusters.';

export class RootCaPublisher {
  readonly #core: Core;
  readonly #caCertificate: string;
  readonly #queue: Debouncer;

  constructor(core: Core, caCertificate: string) {
    this.#core = core;
    this.#caCertificate = caCertificate;
    this.#queue = new Debouncer((namespace) => this.#reconcile(namespace), core.onError);
  }

  start(): void {
    const namespaces = this.#core.store.collection('/namespaces');
    for (const name of namespaces.items.keys()) this.#queue.add(name);
    namespaces.watchers.add(({ type, key }) => {
      if (type === 'ADDED') this.#queue.add(key);
    });
    this.#core.store.collection('/configmaps').watchers.add(({ current }) => {
      const { name, namespace } = current.object.metadata;
      if (name === NAME && namespace !== undefined) this.#queue.add(namespace);
    });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #reconcile(namespace: string): Promise<void> {
    const core = this.#core;
    const home = core.store.collection('/namespaces').latest(namespace)?.object;
    if (home === undefined || home.metadata.deletionTimestamp !== undefined) return;
    const kind = core.registry.find('', 'v1', 'configmaps')!;
    const data = { 'ca.crt': this.#caCertificate };
    const found = core.store.collection('/configmaps').latest(`${namespace}/${NAME}`)?.object;
    try {
      if (found === undefined) {
        const metadata = { name: NAME, annotations: { [DESCRIPTION]: DESCRIPTION_TEXT } };
        const object: KubeObject = { apiVersion: 'v1', kind: 'ConfigMap', metadata, data };
        await createObject(core, kind, namespace, object, OPTIONS, SYSTEM_USER);
        return;
      }
      if (equalJson(found.data, data) && found.metadata.annotations?.[DESCRIPTION] === DESCRIPTION_TEXT) return;
      await changeObject({
        core,
        kind,
        namespace,
        name: NAME,
        subresource: '',
        user: SYSTEM_USER,
        options: OPTIONS,
        next: (old) => {
          const next = cloneJson(old);
          next.data = { ...data };
          next.metadata.annotations = { ...next.metadata.annotations, [DESCRIPTION]: DESCRIPTION_TEXT };
          return next;
        },
      });
    } catch (error) {
      // The namespace is on its way out, or somebody else was faster.
      const late = isAlreadyExists(error) || isNotFound(error) || (error as { status?: number }).status === 403;
      if (!late) throw error;
    }
  }
}
