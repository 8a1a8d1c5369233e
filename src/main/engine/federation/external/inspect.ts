/**
 * What a Karmada control plane that others run offers: which of Karmada's kinds it serves, and how old it is, read from
 * discovery and from the schemas of its definitions (Karmada's API does not tell its version). Reads only.
 */
import { type ExternalControlPlane, externalLimits } from '#shared/contract/federation-control.ts';
import { AppError } from '#shared/errors.ts';
import {
  apiVersionOf,
  type Json,
  type KubeObject,
  type ResourceInfo,
  type ResourceRef,
  resourcePath,
} from '#shared/kubernetes/types.ts';
import { ApiError, type KubeClient } from '../../kube/index.ts';
import { CLUSTERS, type ClusterObject } from '../api.ts';
import { isReady } from '../controllers/execution.ts';
import { FEDERATION_CRDS } from '../crds.ts';

const DEFINITIONS: ResourceRef = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  resource: 'customresourcedefinitions',
};
const POLICIES = 'propagationpolicies.policy.karmada.io';
const BINDINGS = 'resourcebindings.work.karmada.io';

/** Without them there is no federation to look at. */
const NEEDED = [
  'cluster.karmada.io/v1alpha1 Cluster',
  'policy.karmada.io/v1alpha1 PropagationPolicy',
  'work.karmada.io/v1alpha2 ResourceBinding',
  'work.karmada.io/v1alpha1 Work',
];

export async function inspectControlPlane(
  client: KubeClient,
  context: string,
  signal?: AbortSignal,
): Promise<ExternalControlPlane> {
  const asked = signal === undefined ? {} : { signal };
  const [version, resources] = await Promise.all([
    client.version(signal),
    client.resources({ refresh: true, ...asked }),
  ]);
  const missing = missingKinds(resources);
  const lacking = NEEDED.filter((kind) => missing.includes(kind));
  if (lacking.length > 0)
    throw new AppError('NO_KARMADA', `${client.transport.server} does not serve ${lacking.join(', ')}`, {
      params: { server: client.transport.server },
    });
  const [policies, bindings] = await Promise.all(
    [POLICIES, BINDINGS].map((name) => optional(() => client.get(DEFINITIONS, name, asked))),
  );
  return {
    server: client.transport.server,
    context,
    kubernetes: version.gitVersion,
    karmada: karmadaVersion(policies ?? null, bindings ?? null, missing),
    memberProxy: await reachesMembers(client, signal),
    missing,
    limits: [...externalLimits],
  };
}

/** Kinds of Karmada 1.19 that are not served, in the order of their names. */
export function missingKinds(resources: readonly ResourceInfo[]): string[] {
  const served = new Set(resources.map((info) => `${apiVersionOf(info)} ${info.kind}`));
  return FEDERATION_CRDS.flatMap(({ spec }) =>
    (spec.versions as { name: string; storage: boolean }[])
      .filter(({ storage }) => storage)
      .map(({ name }) => `${spec.group}/${name} ${spec.names.kind}`),
  )
    .filter((kind) => !served.has(kind))
    .sort();
}

/** The oldest version that has what its definitions say. Null when they cannot be seen. */
export function karmadaVersion(
  policies: KubeObject | null,
  bindings: KubeObject | null,
  missing: readonly string[],
): string | null {
  const spec = specOf(policies);
  if (spec === undefined) return null;
  const placement = spec.placement?.properties ?? {};
  const purgeModes: string[] = spec.failover?.properties?.application?.properties?.purgeMode?.enum ?? [];
  const signs: [string, boolean][] = [
    ['1.19', specOf(bindings)?.clusters?.items?.properties?.components !== undefined],
    ['1.18', placement.clusterAffinities?.items?.properties?.overflowAffinities !== undefined],
    ['1.17', placement.workloadAffinity !== undefined],
    ['1.15', spec.failover?.properties?.cluster !== undefined],
    ['1.14', !missing.includes('policy.karmada.io/v1alpha1 ClusterTaintPolicy')],
    ['1.13', purgeModes.includes('Gracefully')],
  ];
  return signs.find(([, present]) => present)?.[0] ?? 'before 1.13';
}

/** Schema of the spec in the version that is stored. */
function specOf(definition: KubeObject | null): Json {
  const version = definition?.spec?.versions?.find((one: { storage?: boolean }) => one.storage === true);
  return version?.schema?.openAPIV3Schema?.properties?.spec?.properties;
}

/** Of the members that are ready, how many are tried before the way to them is taken for closed. */
const MOST_TRIED = 3;

/** Whether requests to members pass through it. One that answers is enough; null while none is ready to be asked. */
export async function reachesMembers(client: KubeClient, signal?: AbortSignal): Promise<boolean | null> {
  const asked = signal === undefined ? {} : { signal };
  const { items } = await client.list<ClusterObject>(CLUSTERS, asked);
  const ready = items.filter(isReady).slice(0, MOST_TRIED);
  if (ready.length === 0) return null;
  for (const { metadata } of ready) {
    const path = `${resourcePath(CLUSTERS, { name: metadata.name ?? '', subresource: 'proxy' })}/version`;
    const { status } = await client.transport.request({ method: 'GET', path, ...asked });
    if (status === 200) return true;
  }
  return false;
}

/** What the account may not see, or is not there, is not known. */
async function optional<T>(read: () => Promise<T>): Promise<T | null> {
  try {
    return await read();
  } catch (error) {
    if (error instanceof ApiError && (error.status === 403 || error.status === 404)) return null;
    throw error;
  }
}
