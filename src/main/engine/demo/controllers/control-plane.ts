/**
 * What the components of a control plane leave behind in kube-system: the accounts that controllers act as, and the
 * leases by which one instance of each leads (and the API server says that it is there). Their holders differ with each start.
 */
import { createHash, randomUUID } from 'node:crypto';
import { isAlreadyExists, isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { minorOf } from '../profiles/node-object.ts';
import type { ClusterProfile } from '../profiles/profile.ts';
import { microTimeText } from '../sim/objects.ts';
import { LEASES, SERVICE_ACCOUNTS } from '../sim/refs.ts';
import type { Controller, World } from '../sim/world.ts';

const inside = { namespace: 'kube-system' };
/** Real leaders renew every 2 s; less often is as good, as long as no lease (15 s) runs out in between. */
const RENEW_MS = 10_000;
const LEASE_S = 15;
/** The API server's own is good for an hour. */
const SERVER_LEASE_S = 3600;

/** Accounts by the minor version that brought their controller. */
const ACCOUNTS: Readonly<Record<number, readonly string[]>> = {
  0: [
    'attachdetach-controller',
    'bootstrap-signer',
    'certificate-controller',
    'clusterrole-aggregation-controller',
    'cronjob-controller',
    'daemon-set-controller',
    'deployment-controller',
    'disruption-controller',
    'endpoint-controller',
    'endpointslice-controller',
    'endpointslicemirroring-controller',
    'ephemeral-volume-controller',
    'expand-controller',
    'generic-garbage-collector',
    'horizontal-pod-autoscaler',
    'job-controller',
    'namespace-controller',
    'node-controller',
    'persistent-volume-binder',
    'pod-garbage-collector',
    'pv-protection-controller',
    'pvc-protection-controller',
    'replicaset-controller',
    'replication-controller',
    'resourcequota-controller',
    'root-ca-cert-publisher',
    'service-account-controller',
    'statefulset-controller',
    'token-cleaner',
    'ttl-after-finished-controller',
    'ttl-controller',
  ],
  28: ['legacy-service-account-token-cleaner'],
  30: ['validatingadmissionpolicy-status-controller'],
  33: ['service-cidrs-controller'],
  34: ['resource-claim-controller', 'volumeattributesclass-protection-controller'],
  35: ['device-taint-eviction-controller'],
};

/** The accounts of the controllers that a control plane of this version runs. */
export function controllerAccounts(minor: number): string[] {
  return Object.entries(ACCOUNTS).flatMap(([since, names]) => (minor >= Number(since) ? names : []));
}

/** Of the machine that the API server runs on. */
export function serverLeaseName(host: string): string {
  const hash = createHash('sha256');
  for (const part of [host, 'kube-apiserver']) {
    const length = Buffer.alloc(2);
    length.writeUInt16BE(Buffer.byteLength(part));
    hash.update(length).update(part);
  }
  return `apiserver-${base32(hash.digest().subarray(0, 16))}`;
}

function base32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => 'abcdefghijklmnopqrstuvwxyz234567'[Number.parseInt(group.padEnd(5, '0'), 2)]).join('');
}

/** Where the control plane runs: on a node of the cluster where there is one for it. */
export function controlPlaneHost({ name, nodes }: ClusterProfile): string {
  return nodes.find(({ controlPlane }) => controlPlane)?.name ?? `${name}-control-plane`;
}

interface Held {
  name: string;
  holder: string;
  seconds: number;
  component?: string;
  metadata?: KubeObject['metadata'];
}

export function runControlPlane(world: World): Controller {
  const host = controlPlaneHost(world.profile);
  const server = serverLeaseName(host);
  const labels = { 'apiserver.kubernetes.io/identity': 'kube-apiserver', 'kubernetes.io/hostname': host };
  const leases: Held[] = [
    ...['kube-controller-manager', 'kube-scheduler'].map((name) => ({
      name,
      holder: `${host}_${randomUUID()}`,
      seconds: LEASE_S,
      component: name === 'kube-scheduler' ? 'default-scheduler' : name,
    })),
    { name: server, holder: `${server}_${randomUUID()}`, seconds: SERVER_LEASE_S, metadata: { labels } },
  ];
  let stopped = false;

  async function start(): Promise<void> {
    for (const lease of leases) await take(lease);
    for (const name of controllerAccounts(minorOf(world.profile.version))) {
      if (stopped) return;
      const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, ...inside } };
      if ((await world.clients.manager.find(SERVICE_ACCOUNTS, name, inside)) !== null) continue;
      await world.clients.manager.create(SERVICE_ACCOUNTS, account, inside).catch((error: unknown) => {
        if (!isAlreadyExists(error)) throw error;
      });
    }
  }

  async function take({ name, holder, seconds, component, metadata }: Held): Promise<void> {
    const client = component === 'default-scheduler' ? world.clients.scheduler : world.clients.manager;
    const now = microTimeText(world.now());
    const old = await client.find(LEASES, name, inside);
    // The API server's has no leader before or after it.
    const terms = component === undefined ? {} : { acquireTime: now, leaseTransitions: transitions(old) };
    const spec = { holderIdentity: holder, leaseDurationSeconds: seconds, renewTime: now, ...terms };
    const made = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { ...metadata, name, ...inside } };
    const lease =
      old === null
        ? await client.create(LEASES, { ...made, spec }, inside)
        : await client.update(LEASES, { ...old, spec }, inside);
    if (component === undefined) return;
    world.events.record(lease, { component, reason: 'LeaderElection', message: `${holder} became leader` });
  }

  async function renew(): Promise<void> {
    for (const { name, component } of leases) {
      if (stopped) return;
      const client = component === 'default-scheduler' ? world.clients.scheduler : world.clients.manager;
      const change = { spec: { renewTime: microTimeText(world.now()) } };
      await client.patch(LEASES, name, 'merge', change, inside).catch(async (error: unknown) => {
        if (!isNotFound(error)) throw error;
        const lost = leases.find((lease) => lease.name === name);
        if (lost !== undefined) await take(lost);
      });
    }
  }

  const run = (work: () => Promise<void>): void => {
    work().catch((error: unknown) => {
      if (!stopped) world.report(error, 'control plane');
    });
  };
  run(start);
  const timer = setInterval(() => run(renew), RENEW_MS);
  return {
    name: 'control-plane',
    async stop() {
      stopped = true;
      clearInterval(timer);
    },
  };
}

function transitions(old: KubeObject | null): number {
  return old === null ? 0 : (old.spec?.leaseTransitions ?? 0) + 1;
}
