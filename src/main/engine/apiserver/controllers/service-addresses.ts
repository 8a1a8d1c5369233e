/**
 * IPAddresses follow the Services that have them, and the first ServiceCIDR comes back. Which address a Service gets is
 * decided where it is admitted; its object is made when the Service is there, where the real server makes it before.
 * Source: kube-apiserver's ipallocator-repair-controller and kubernetes-service-cidr-controller, KEP-1880.
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { SERVICE_RANGE, serviceRange } from '../bootstrap/index.ts';
import { SERVER_MANAGER, withOwners } from '../bootstrap/owners.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { addressObject, isServerMade } from '../kinds/core/service-ranges.ts';
import { ipv4Number } from '../kinds/validation/net.ts';
import { loadObjects } from '../load.ts';
import type { Collection } from '../storage/collection.ts';
import { createObject } from '../verbs/create.ts';
import { deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { Debouncer } from './debouncer.ts';

/** How long an address may be there before its Service is. */
const AHEAD_MS = 60_000;
/** How often Services are looked over for addresses that somebody took away. */
const REPAIR_MS = 180_000;
const REPORTER = 'ipallocator-repair-controller';
const OPTIONS = { dryRun: false, fieldManager: SERVER_MANAGER };
/** No address has a name like it. */
const RANGE = 'range';

export class ServiceAddresses {
  readonly #core: Core;
  readonly #addresses: Collection;
  readonly #services: Collection;
  readonly #ranges: Collection;
  readonly #queue: Debouncer;
  /** Keys of Services by their address. */
  readonly #holders = new Map<string, string>();
  /** Addresses whose Service has gone. */
  readonly #left = new Set<string>();
  /** Addresses of Services whose object somebody took away. */
  readonly #lost = new Set<string>();

  constructor(core: Core) {
    this.#core = core;
    this.#addresses = core.store.collection('networking.k8s.io/ipaddresses');
    this.#services = core.store.collection('/services');
    this.#ranges = core.store.collection('networking.k8s.io/servicecidrs');
    this.#queue = new Debouncer((key) => this.#reconcile(key), core.onError);
  }

  /** Resolves when every Service has its objects. */
  async start(): Promise<void> {
    for (const [key, { object }] of this.#services.items)
      for (const address of addressesOf(object)) this.#holders.set(address, key);
    await loadObjects(
      this.#core,
      [...this.#holders].flatMap(([address, key]) => this.#wanted(address, this.#services.latest(key)?.object) ?? []),
    );
    for (const address of this.#addresses.items.keys()) this.#queue.add(address);
    this.#services.watchers.add(({ type, key, current, previous }) => {
      const now = type === 'DELETED' ? [] : addressesOf(current.object);
      for (const address of addressesOf((previous ?? current).object))
        if (!now.includes(address) && this.#holders.get(address) === key) this.#leave(address);
      for (const address of now) {
        if (this.#holders.get(address) === key && !this.#lost.has(address)) continue;
        this.#holders.set(address, key);
        this.#queue.add(address);
      }
    });
    this.#addresses.watchers.add(({ type, key }) => {
      if (type !== 'MODIFIED') this.#left.delete(key);
      if (type !== 'DELETED') this.#queue.add(key);
      else if (this.#holders.has(key)) {
        this.#lost.add(key);
        this.#queue.addAfter(key, REPAIR_MS);
      }
    });
    this.#ranges.watchers.add(({ type, key }) => {
      if (type === 'DELETED' && key === SERVICE_RANGE) this.#queue.add(RANGE);
    });
    this.#queue.add(RANGE);
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  async #reconcile(key: string): Promise<void> {
    if (key === RANGE) {
      const now = timestamp(this.#core.now());
      await loadObjects(this.#core, [withOwners(serviceRange(now), now)]);
      return;
    }
    const lost = this.#lost.delete(key);
    const service = this.#services.latest(this.#holders.get(key) ?? '')?.object;
    const stored = this.#addresses.latest(key)?.object;
    if (service !== undefined) {
      // That of a Service which had the address before.
      if (stored !== undefined && isServerMade(stored) && !refersTo(stored, service)) await this.#remove(key);
      const missing = this.#wanted(key, service);
      if (missing === undefined) return;
      await loadObjects(this.#core, [missing]);
      if (lost) await this.#tell(service, key);
      return;
    }
    if (stored === undefined || !isServerMade(stored)) return;
    const { parentRef } = stored.spec ?? {};
    const age = this.#core.now() - Date.parse(String(stored.metadata.creationTimestamp));
    // Somebody may have made it for a Service that is still to come.
    const ahead = parentRef?.resource === 'services' && !parentRef.group && !this.#left.has(key) && age < AHEAD_MS;
    if (ahead) {
      this.#queue.addAfter(key, AHEAD_MS - age);
      return;
    }
    await this.#remove(key);
  }

  async #remove(address: string): Promise<void> {
    const kind = this.#core.registry.find('networking.k8s.io', 'v1', 'ipaddresses')!;
    try {
      await deleteObject(this.#core, kind, '', address, PLAIN_DELETE, SYSTEM_USER);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  async #tell({ apiVersion, kind, metadata }: KubeObject, address: string): Promise<void> {
    const { name = '', namespace = '', uid, resourceVersion } = metadata;
    const now = this.#core.now();
    const event = {
      apiVersion: 'events.k8s.io/v1',
      kind: 'Event',
      metadata: { name: `${name}.${(BigInt(now) * 1_000_000n).toString(16)}`, namespace },
      eventTime: `${new Date(now).toISOString().slice(0, -1)}000Z`,
      reportingController: REPORTER,
      reportingInstance: `${REPORTER}-${this.#core.name}`,
      action: 'ClusterIPAllocation',
      reason: 'ClusterIPNotAllocated',
      type: 'Warning',
      regarding: { apiVersion, kind, name, namespace, uid, resourceVersion },
      note: `Cluster IP [IPv4]: ${address} is not allocated; repairing`,
    };
    const events = this.#core.registry.find('events.k8s.io', 'v1', 'events')!;
    await createObject(this.#core, events, namespace, event, OPTIONS, SYSTEM_USER).catch((error: unknown) => {
      // What is repaired is repaired: nobody has to hear of it in a namespace that is to go.
      this.#core.onError(error, 'event of a repaired address');
    });
  }

  #leave(address: string): void {
    this.#holders.delete(address);
    this.#left.add(address);
    this.#queue.add(address);
  }

  /** The object of an address that a Service has, unless there is one. */
  #wanted(address: string, service: KubeObject | undefined): KubeObject | undefined {
    if (service === undefined || this.#addresses.latest(address) !== undefined) return undefined;
    return withOwners(addressObject(address, service), timestamp(this.#core.now()));
  }
}

function refersTo({ spec }: KubeObject, { metadata }: KubeObject): boolean {
  const { group = '', resource, namespace, name } = spec?.parentRef ?? {};
  return group === '' && resource === 'services' && namespace === metadata.namespace && name === metadata.name;
}

/** IPv4 addresses of a Service; none where it has no own. */
function addressesOf(service: KubeObject | undefined): string[] {
  return ((service?.spec?.clusterIPs ?? []) as string[]).filter((address) => ipv4Number(address) !== null);
}
