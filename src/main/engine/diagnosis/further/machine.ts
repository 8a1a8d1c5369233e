/**
 * Looks at the machine of a node with a pod of our own: it sees the machine's files read-only, prints what it is asked for,
 * and is deleted whatever happens. It ends by itself after a minute where nobody could delete it, and what an earlier look
 * left behind goes first.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { MACHINE_IMAGE } from '#shared/diagnosis.ts';
import { AppError } from '#shared/errors.ts';
import { type Json, type KubeObject, resourcePath } from '#shared/kubernetes/types.ts';
import { redactText } from '../../audit/index.ts';
import { ApiError, isNotFound, type KubeClient } from '../../kube/index.ts';
import { clip } from '../world.ts';

const PODS = { group: '', version: 'v1', resource: 'pods' };
/** Privileged pods are allowed there, and nobody else's quota is used. */
export const MACHINE_NAMESPACE = 'kube-system';
export const LABELS = { 'app.kubernetes.io/managed-by': 'fleetdeck', 'fleetdeck.dev/purpose': 'machine-check' };
const SELECTOR = Object.entries(LABELS)
  .map(([key, value]) => `${key}=${value}`)
  .join(',');
const ENDS_SECONDS = 60;
const LOOK_MS = 500;
/** Of a look of somebody else that goes on, the pod is younger. */
const LEFT_MS = 10 * 60_000;
const MOST_TEXT = 256 * 1024;
const SECTIONS: Readonly<Record<string, string>> = {
  clock: 'date +%s',
  disk: 'df -P /host /host/var/lib/kubelet /host/var/lib/containerd',
  inodes: 'df -Pi /host /host/var/lib/kubelet /host/var/lib/containerd',
  mounts: 'cat /host/proc/mounts',
  load: 'cat /host/proc/loadavg',
  kubelet: 'chroot /host journalctl -u kubelet -n 100 -p err -o cat --no-pager',
};
/** What a machine lacks (a journal, say) is missing from the text, and no failure of the pod. */
const SCRIPT = [
  ...Object.entries(SECTIONS).map(([name, command]) => `echo "== ${name}"; ${command} 2>/dev/null`),
  'true',
].join('; ');

export interface MachineOptions {
  client: KubeClient;
  /** Where the usual one cannot be pulled. */
  image?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** @throws ApiError when the pod may not be made or read, AppError TIMEOUT when it does not run. */
export async function lookAtMachine(node: string, { client, image, signal }: MachineOptions): Promise<KubeObject> {
  await removeLeftovers(client);
  const made = await client.create(PODS, podFor(node, image ?? MACHINE_IMAGE), {
    namespace: MACHINE_NAMESPACE,
    ...(signal === undefined ? {} : { signal }),
  });
  const name = made.metadata.name ?? '';
  const begun = Date.now();
  try {
    await finished(client, name, signal);
    const text = await logOf(client, name, signal);
    return machineState(node, text, {
      createdAt: Date.parse(made.metadata.creationTimestamp ?? ''),
      tookMs: Date.now() - begun,
    });
  } finally {
    // Even when whoever asked has gone: without the signal.
    await remove(client, name);
  }
}

function podFor(node: string, image: string): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName: 'fleetdeck-machine-check-', namespace: MACHINE_NAMESPACE, labels: { ...LABELS } },
    spec: {
      nodeName: node,
      restartPolicy: 'Never',
      activeDeadlineSeconds: ENDS_SECONDS,
      terminationGracePeriodSeconds: 0,
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      tolerations: [{ operator: 'Exists' }],
      containers: [
        {
          name: 'look',
          image,
          command: ['sh', '-c', SCRIPT],
          resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { cpu: '200m', memory: '64Mi' } },
          volumeMounts: [{ name: 'machine', mountPath: '/host', readOnly: true }],
        },
      ],
      volumes: [{ name: 'machine', hostPath: { path: '/' } }],
    },
  };
}

async function finished(client: KubeClient, name: string, signal: AbortSignal | undefined): Promise<void> {
  for (const until = Date.now() + ENDS_SECONDS * 1000; ; ) {
    signal?.throwIfAborted();
    const { status } = await client.get(PODS, name, { namespace: MACHINE_NAMESPACE });
    if (status?.phase === 'Succeeded') return;
    const waiting = (status?.containerStatuses ?? []).find(
      ({ state }: Json) => state?.waiting !== undefined && state.waiting.reason !== 'ContainerCreating',
    )?.state.waiting;
    const why = status?.phase === 'Failed' ? (status.message ?? status.reason ?? 'Failed') : waiting?.message;
    if (why !== undefined || Date.now() > until)
      throw new AppError(
        'CLUSTER_TIMEOUT',
        clip(redactText(String(why ?? 'the pod did not run within a minute')), 300),
      );
    await wait(LOOK_MS);
  }
}

async function logOf(client: KubeClient, name: string, signal: AbortSignal | undefined): Promise<string> {
  const path = resourcePath(PODS, { namespace: MACHINE_NAMESPACE, name, subresource: 'log' });
  const response = await client.transport.request({
    method: 'GET',
    path,
    query: { container: 'look', limitBytes: MOST_TEXT },
    signal,
  });
  if (response.status >= 400) throw new ApiError(response.status, String((response.body as Json)?.message ?? ''), path);
  return String(response.body);
}

async function removeLeftovers(client: KubeClient): Promise<void> {
  const { items } = await client.list(PODS, { namespace: MACHINE_NAMESPACE, labelSelector: SELECTOR });
  for (const { metadata, status } of items)
    if (isOver(status?.phase) || Date.now() - Date.parse(metadata.creationTimestamp ?? '') > LEFT_MS)
      await remove(client, metadata.name ?? '');
}

const isOver = (phase: unknown): boolean => phase === 'Failed' || phase === 'Succeeded';

async function remove(client: KubeClient, name: string): Promise<void> {
  try {
    await client.delete(PODS, name, { namespace: MACHINE_NAMESPACE, gracePeriodSeconds: 0 });
  } catch (error) {
    if (!isNotFound(error)) throw error;
  }
}

/** What the pod printed, as facts. Its clock is held against the API server's: when the pod was made, and how long it took. */
export function machineState(
  node: string,
  text: string,
  { createdAt, tookMs }: { createdAt: number; tookMs: number },
): KubeObject {
  const parts = new Map(
    text
      .split(/^== /m)
      .slice(1)
      .map((part): [string, string[]] => {
        const [name = '', ...lines] = part.split('\n');
        return [name.trim(), lines.filter((line) => line.trim() !== '')];
      }),
  );
  const clock = Number(parts.get('clock')?.[0]) * 1000;
  const [early, late] = [createdAt - clock, clock - (createdAt + tookMs + 1000)];
  return {
    apiVersion: 'v1',
    kind: 'MachineState',
    metadata: { name: node },
    /** Seconds that the machine's clock is ahead (or behind: negative); null where it did not say. */
    clockOffset: Number.isFinite(clock) ? Math.round(early > 1000 ? -early / 1000 : late > 0 ? late / 1000 : 0) : null,
    disks: [...usesOf(parts.get('disk') ?? [], 'space'), ...usesOf(parts.get('inodes') ?? [], 'inodes')],
    readOnly: readOnlyOf(parts.get('mounts') ?? []),
    load: clip(parts.get('load')?.[0], 100),
    errors: (parts.get('kubelet') ?? []).slice(-100).map((line) => clip(redactText(line), 300)),
  };
}

/** `Filesystem 1024-blocks Used Available Capacity Mounted on` */
function usesOf(lines: readonly string[], of: 'space' | 'inodes'): { of: string; path: string; percent: number }[] {
  return lines.flatMap((line) => {
    const match = /\s(\d{1,3})%\s+(\/host\S*)\s*$/.exec(line);
    return match === null ? [] : [{ of, path: (match[2] ?? '').slice(5) || '/', percent: Number(match[1]) }];
  });
}

const DISKS = new Set(['ext3', 'ext4', 'xfs', 'btrfs']);

/** Disks that are mounted read-only though they are to be written to. A root that is so by design has a `/var` of its own. */
function readOnlyOf(lines: readonly string[]): string[] {
  const mounts = lines.map((line) => {
    const [device = '', path = '', type = '', options = ''] = line.split(' ');
    return { device, path, type, readOnly: options.split(',').some((one) => one === 'ro' || one === 'emergency_ro') };
  });
  const disks = mounts.filter(({ type }) => DISKS.has(type));
  const hasVar = disks.some(({ path, readOnly }) => path.startsWith('/var') && !readOnly);
  return disks
    .filter(
      ({ path, readOnly }) => readOnly && (path === '/' ? !hasVar : /^\/var(\/(lib|log)(\/[\w.-]+)?)?$/.test(path)),
    )
    .map(({ device, path }) => `${path} (${device})`)
    .slice(0, 5);
}
