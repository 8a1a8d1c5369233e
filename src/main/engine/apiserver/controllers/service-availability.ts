/**
 * Says of every APIService that somebody else serves whether that can be: the Service, its port, its endpoints. What has
 * all of these does not answer all the same, since this server passes nothing on. Source: kube-aggregator's availability
 * controller (apiregistration.k8s.io/v1).
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import type { Collection } from '../storage/collection.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const SERVICE_NAME = 'kubernetes.io/service-name';

export class ServiceAvailability {
  readonly #core: Core;
  readonly #services: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#services = core.store.collection('apiregistration.k8s.io/apiservices');
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  start(): void {
    const { store } = this.#core;
    for (const name of this.#services.items.keys()) this.#queue.add(name);
    this.#services.watchers.add(({ type, key }) => {
      if (type !== 'DELETED') this.#queue.add(key);
    });
    store.collection('/services').watchers.add(({ current }) => this.#behind(current.object, nameOf(current.object)));
    store
      .collection('discovery.k8s.io/endpointslices')
      .watchers.add(({ current }) =>
        this.#behind(current.object, current.object.metadata.labels?.[SERVICE_NAME] ?? ''),
      );
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #behind({ metadata }: KubeObject, service: string): void {
    for (const [key, { object }] of this.#services.items)
      if (object.spec?.service?.name === service && object.spec.service.namespace === metadata.namespace)
        this.#queue.add(key);
  }

  async #reconcile(name: string): Promise<void> {
    const stored = this.#services.latest(name)?.object;
    if (stored?.spec?.service === undefined || isServed(this.#core, stored)) return;
    const [reason, message] = this.#problem(stored.spec);
    const known = ((stored.status?.conditions ?? []) as Json[]).find(({ type }) => type === 'Available');
    if (known?.reason === reason && known?.message === message) return;
    const changed = known?.status === 'False' ? known.lastTransitionTime : timestamp(this.#core.now());
    const condition = { type: 'Available', status: 'False', lastTransitionTime: changed, reason, message };
    await changeObject({
      core: this.#core,
      kind: this.#core.registry.find('apiregistration.k8s.io', 'v1', 'apiservices')!,
      namespace: '',
      name,
      subresource: 'status',
      user: SYSTEM_USER,
      options: { dryRun: false, fieldManager: 'kube-apiserver' },
      next: (old) => ({ ...cloneJson(old), status: { conditions: [condition] } }),
    }).catch((error: unknown) => {
      if (!isNotFound(error)) throw error;
    });
  }

  #problem({ service, group, version }: Json): [reason: string, message: string] {
    const { store } = this.#core;
    const { name, namespace, port = 443 } = service;
    const found = store.collection('/services').latest(`${namespace}/${name}`)?.object;
    if (found === undefined) return ['ServiceNotFound', `service/${name} in "${namespace}" is not present`];
    const open = ((found.spec?.ports ?? []) as Json[]).find((one) => one.port === port);
    if (open === undefined)
      return ['ServicePortError', `service/${name} in "${namespace}" is not listening on port ${port}`];
    const slices = [...store.collection('discovery.k8s.io/endpointslices').items.values()]
      .map(({ object }) => object)
      .filter(({ metadata }) => metadata.namespace === namespace && metadata.labels?.[SERVICE_NAME] === name);
    if (slices.length === 0)
      return ['EndpointsNotFound', `cannot find endpointslices for service/${name} in "${namespace}"`];
    const ready = slices.some((slice) => (slice.endpoints ?? []).some((one: Json) => one.conditions?.ready !== false));
    if (!ready)
      return [
        'MissingEndpoints',
        `endpointslices for service/${name} in "${namespace}" have no addresses with port name "${open.name ?? ''}"`,
      ];
    const url = `https://${found.spec?.clusterIP}:${port}/apis/${group}/${version}`;
    return [
      'FailedDiscoveryCheck',
      `failing or missing response from ${url}: Get "${url}": dial tcp ${found.spec?.clusterIP}:${port}: connect: connection refused`,
    ];
  }
}

function nameOf({ metadata }: KubeObject): string {
  return metadata.name ?? '';
}

/** By this server's host, or by the server itself. */
function isServed({ registry }: Core, { spec }: KubeObject): boolean {
  return registry.all().some(({ group, version }) => group === (spec?.group ?? '') && version === spec?.version);
}

/** Groups that an APIService promises and nobody serves: `metrics.k8s.io/v1beta1`. Discovery fails for these. */
export function staleGroups(core: Core): string[] {
  return [...core.store.collection('apiregistration.k8s.io/apiservices').items.values()]
    .map(({ object }) => object)
    .filter((object) => object.spec?.service !== undefined && !isServed(core, object))
    .map(({ spec }) => `${spec?.group}/${spec?.version}`)
    .sort();
}
