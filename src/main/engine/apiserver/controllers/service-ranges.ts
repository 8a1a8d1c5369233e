/**
 * ServiceCIDRs: each is held by a finalizer and said to be ready; one that is to go waits until no address is left that
 * only it has. Source: kube-controller-manager's service-cidr-controller (KEP-1880).
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { applied } from '../apply/apply.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson } from '../json.ts';
import { holdsAddress, isServerMade, isWithin, overlap, rangesOf } from '../kinds/core/service-ranges.ts';
import type { Collection } from '../storage/collection.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const FINALIZER = 'networking.k8s.io/service-cidr-finalizer';
const MANAGER = 'service-cidr-controller';
/** Those who give out addresses have to hear of a deletion first. */
const GRACE_MS = 10_000;
const READY = { type: 'Ready', status: 'True', reason: '', message: 'Kubernetes Service CIDR is ready' };
const HELD = {
  type: 'Ready',
  status: 'False',
  reason: 'Terminating',
  message: 'There are still IPAddresses referencing the ServiceCIDR, please remove them or create a new ServiceCIDR',
};

export class ServiceRanges {
  readonly #core: Core;
  readonly #ranges: Collection;
  readonly #addresses: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#ranges = core.store.collection('networking.k8s.io/servicecidrs');
    this.#addresses = core.store.collection('networking.k8s.io/ipaddresses');
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  start(): void {
    for (const name of this.#ranges.items.keys()) this.#queue.add(name);
    // One that comes may set another free.
    this.#ranges.watchers.add(({ type, key, current }) => {
      if (type !== 'DELETED') this.#queue.add(key);
      if (type === 'ADDED') this.#addWhere((other) => haveCommon(other, current.object));
    });
    this.#addresses.watchers.add(({ key, current }) => {
      if (isServerMade(current.object))
        this.#addWhere((range) => rangesOf(range).some((one) => holdsAddress(one, key)));
    });
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  /** Only those that are to go depend on others. */
  #addWhere(concerned: (range: KubeObject) => boolean): void {
    for (const [name, { object }] of this.#ranges.items)
      if (object.metadata.deletionTimestamp !== undefined && concerned(object)) this.#queue.add(name);
  }

  async #reconcile(name: string): Promise<void> {
    const range = this.#ranges.latest(name)?.object;
    if (range === undefined) return;
    const finalizers: string[] = range.metadata.finalizers ?? [];
    const held = finalizers.includes(FINALIZER);
    const { deletionTimestamp } = range.metadata;
    if (deletionTimestamp === undefined) {
      if (!held) await this.#change(name, [...finalizers, FINALIZER]);
      await this.#say(name, range, READY);
      return;
    }
    if (!this.#isFree(range)) return await this.#say(name, range, HELD);
    const wait = Date.parse(deletionTimestamp) + GRACE_MS - this.#core.now();
    if (wait > 0) this.#queue.addAfter(name, wait);
    else if (held)
      await this.#change(
        name,
        finalizers.filter((each) => each !== FINALIZER),
      );
  }

  /** Whether another range has all that this one has, or no address is left that only this one has. */
  #isFree(range: KubeObject): boolean {
    const others = [...this.#ranges.items.values()]
      .map(({ object }) => object)
      .filter((other) => other.metadata.name !== range.metadata.name)
      .flatMap(rangesOf);
    const own = rangesOf(range);
    if (own.every((one) => others.some((other) => isWithin(one, other)))) return true;
    for (const [address, { object }] of this.#addresses.items)
      if (
        isServerMade(object) &&
        own.some((one) => holdsAddress(one, address)) &&
        !others.some((other) => holdsAddress(other, address))
      )
        return false;
    return true;
  }

  async #change(name: string, finalizers: string[]): Promise<void> {
    await this.#write(name, '', 'kube-controller-manager', (old) => {
      const next = cloneJson(old);
      next.metadata.finalizers = finalizers;
      return next;
    });
  }

  async #say(name: string, { apiVersion, kind, status }: KubeObject, wanted: typeof READY): Promise<void> {
    const known = ((status?.conditions ?? []) as Json[]).find(({ type }) => type === wanted.type);
    const same = (['status', 'reason', 'message'] as const).every((field) => (known?.[field] ?? '') === wanted[field]);
    if (known !== undefined && same) return;
    const condition = { ...wanted, lastTransitionTime: timestamp(this.#core.now()) };
    const config = { apiVersion, kind, metadata: { name }, status: { conditions: [condition] } };
    const options = { fieldManager: MANAGER, force: true };
    const definition = this.#definition();
    await this.#write(name, 'status', MANAGER, (old) => applied(definition, old, config, options, 'status'), true);
  }

  #definition() {
    return this.#core.registry.find('networking.k8s.io', 'v1', 'servicecidrs')!;
  }

  async #write(
    name: string,
    subresource: string,
    fieldManager: string,
    next: (old: KubeObject) => KubeObject,
    applies = false,
  ): Promise<void> {
    try {
      await changeObject({
        core: this.#core,
        kind: this.#definition(),
        namespace: '',
        name,
        subresource,
        user: SYSTEM_USER,
        options: { dryRun: false, fieldManager },
        ...(applies ? { recordManager: false } : {}),
        next,
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function haveCommon(a: KubeObject, b: KubeObject): boolean {
  const others = rangesOf(b);
  return rangesOf(a).some((one) => others.some((other) => overlap(one, other)));
}
