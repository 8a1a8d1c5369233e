/**
 * Reads from a cluster what rules look at: in pages, a few kinds at a time. What may not be read or does not exist there
 * is named, so that a rule that needs it is told as not checked, never as passed.
 */
import { X509Certificate } from 'node:crypto';
import type { KubeObject, ResourceRef } from '#shared/kubernetes/types.ts';
import { ApiError, isGone, isNotFound, type KubeClient, servingCertificates } from '../kube/index.ts';
import type { Certificate } from './world.ts';

const core = (resource: string): ResourceRef => ({ group: '', version: 'v1', resource });
const inGroup = (group: string, ...resources: string[]): ResourceRef[] =>
  resources.map((resource) => ({ group, version: 'v1', resource }));

const RESOURCES: readonly ResourceRef[] = [
  ...inGroup('apps', 'deployments', 'statefulsets', 'daemonsets', 'replicasets'),
  ...inGroup('batch', 'jobs', 'cronjobs'),
  ...['pods', 'replicationcontrollers', 'services', 'limitranges', 'nodes', 'events'].map(core),
  ...inGroup('rbac.authorization.k8s.io', 'roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'),
  ...inGroup('scheduling.k8s.io', 'priorityclasses'),
  ...inGroup('coordination.k8s.io', 'leases'),
];
const PAGE = 500;
const CONCURRENCY = 4;
/** Leases elsewhere are those of leader elections. */
const NAMESPACE: Record<string, string> = { leases: 'kube-node-lease' };

export interface Collection {
  objects: KubeObject[];
  version: string | null;
  certificates: Certificate[];
  /** What could not be read: `roles.rbac.authorization.k8s.io`, with the reason. */
  missing: { resource: string; forbidden: boolean; reason: string }[];
}

export async function collect(
  client: KubeClient,
  options: { signal?: AbortSignal; clientCertificate?: string | undefined; serverName?: string | undefined } = {},
): Promise<Collection> {
  const found: Collection = { objects: [], version: null, certificates: [], missing: [] };
  found.version = (await client.version()).gitVersion;
  const waiting = [...RESOURCES];
  const worker = async (): Promise<void> => {
    for (let ref = waiting.shift(); ref !== undefined; ref = waiting.shift()) {
      options.signal?.throwIfAborted();
      try {
        for (const object of await readAll(client, ref, options.signal)) found.objects.push(object);
      } catch (error) {
        if (options.signal?.aborted) throw error;
        if (!isNotFound(error)) found.missing.push(missingOf(ref, error));
      }
    }
  };
  await Promise.all(Array.from({ length: CONCURRENCY }, worker));
  found.certificates = await certificatesOf(client, options, found.missing);
  return found;
}

export function resourceName({ group, resource }: ResourceRef): string {
  return group === '' ? resource : `${resource}.${group}`;
}

/** All pages of one kind; from the start again, once, when the server has forgotten where it was. */
async function readAll(client: KubeClient, ref: ResourceRef, signal?: AbortSignal): Promise<KubeObject[]> {
  const namespace = NAMESPACE[ref.resource];
  for (let attempt = 1; ; attempt++) {
    const objects: KubeObject[] = [];
    let next: string | undefined;
    try {
      do {
        const list = await client.list(ref, {
          limit: PAGE,
          ...(namespace === undefined ? {} : { namespace }),
          ...(next === undefined ? {} : { continue: next }),
          ...(signal === undefined ? {} : { signal }),
        });
        for (const { metadata, ...rest } of list.items) {
          const { managedFields: _, ...kept } = metadata;
          objects.push({ ...rest, metadata: kept });
        }
        next = list.metadata.continue || undefined;
      } while (next !== undefined);
      return objects;
    } catch (error) {
      if (!isGone(error) || attempt > 1) throw error;
    }
  }
}

function missingOf(ref: ResourceRef, error: unknown): Collection['missing'][number] {
  const forbidden = error instanceof ApiError && error.status === 403;
  return { resource: resourceName(ref), forbidden, reason: error instanceof Error ? error.message : String(error) };
}

async function certificatesOf(
  client: KubeClient,
  options: { clientCertificate?: string | undefined; serverName?: string | undefined },
  missing: Collection['missing'],
): Promise<Certificate[]> {
  const certificates: Certificate[] = [];
  try {
    const chain = await servingCertificates(client.transport.server, options.serverName);
    for (const [index, certificate] of chain.entries())
      certificates.push(described(index === 0 ? 'API server certificate' : 'authority of the API server', certificate));
  } catch (error) {
    missing.push({ resource: 'serving certificate', forbidden: false, reason: (error as Error).message });
  }
  if (options.clientCertificate !== undefined)
    certificates.push(
      described('client certificate of the kubeconfig', new X509Certificate(options.clientCertificate)),
    );
  return certificates;
}

function described(of: string, { subject, issuer, validTo, subjectAltName }: X509Certificate): Certificate {
  const oneLine = (text: string | undefined): string => (text ?? '').split('\n').join(', ');
  return {
    of,
    subject: oneLine(subject),
    issuer: oneLine(issuer),
    notAfter: Date.parse(validTo),
    names: subjectAltName === undefined ? [] : subjectAltName.split(', ').map((name) => name.replace(/^\w[\w ]*:/, '')),
  };
}
