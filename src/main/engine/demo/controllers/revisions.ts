/** ControllerRevisions of DaemonSets and StatefulSets: the history that `kubectl rollout history` and `undo` read. */
import { isAlreadyExists } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerReference, nameOf, namespaceOf, sameValue, sorted, templateHash } from '../sim/objects.ts';
import { CONTROLLER_REVISIONS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import type { World } from '../sim/world.ts';
import { claimObjects } from './claim.ts';

/** Label of a pod and of a revision that says which template it was made from. */
export const HASH_LABEL = 'controller-revision-hash';

/** The same of the revisions of StatefulSets, whose pods name the whole revision. */
const STATEFUL_HASH_LABEL = 'controller.kubernetes.io/hash';

/** The revision of the template that a set has now. */
export interface Revision {
  name: string;
  hash: string;
  /** status.collisionCount of the set: how often somebody else's revision had the name. */
  collisions: number;
}

/**
 * Makes sure the current template is the newest revision. Keeps revisionHistoryLimit old ones beside those that are still
 * in use: `live` are what the label of the pods says, hashes of a DaemonSet's and names of a StatefulSet's.
 */
export async function keepRevision(
  world: World,
  set: KubeObject,
  kind: 'DaemonSet' | 'StatefulSet',
  live: ReadonlySet<string | undefined>,
): Promise<Revision> {
  const client = world.clients.manager;
  const { caches } = world;
  const label = kind === 'StatefulSet' ? STATEFUL_HASH_LABEL : HASH_LABEL;
  const own = (await revisionsOf(world, set, kind)).sort((a, b) => numberOf(b) - numberOf(a));
  // Tools compare it by its bytes.
  const data = sorted({ spec: { template: { ...set.spec?.template, $patch: 'replace' } } });
  // By what it remembers: another set's history that was taken over has names of its own.
  let current = own.find((revision) => sameValue(revision.data, data));
  const highest = Math.max(0, ...own.filter((revision) => revision !== current).map(numberOf));
  let collisions: number = set.status?.collisionCount ?? 0;
  if (current === undefined) {
    const made = await makeRevision(world, set, kind, { label, data, number: highest + 1, collisions });
    current = made.revision;
    collisions = made.collisions;
  } else if (numberOf(current) <= highest) {
    // An old template came back: it is the newest revision again.
    current = await client.update(CONTROLLER_REVISIONS, { ...current, revision: highest + 1 });
    caches.revisions.wrote(current);
  }
  const name = nameOf(current);
  const inUse = (revision: KubeObject) =>
    live.has(kind === 'StatefulSet' ? nameOf(revision) : revision.metadata.labels?.[label]);
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  const old = own.filter((revision) => nameOf(revision) !== name);
  const unused = old.filter((revision) => !inUse(revision)).reverse();
  const tooMany = (kind === 'DaemonSet' ? old : unused).length - limit;
  for (const revision of unused.slice(0, Math.max(0, tooMany))) {
    await client.delete(CONTROLLER_REVISIONS, nameOf(revision), { namespace: namespaceOf(revision) });
    caches.revisions.removed(revision);
  }
  return { name, hash: current.metadata.labels?.[label] ?? name, collisions };
}

/** Where somebody else's revision has the name, the hash is made with a higher count. */
async function makeRevision(
  world: World,
  set: KubeObject,
  kind: 'DaemonSet' | 'StatefulSet',
  wanted: { label: string; data: Json; number: number; collisions: number },
): Promise<{ revision: KubeObject; collisions: number }> {
  const client = world.clients.manager;
  const namespace = namespaceOf(set);
  for (let { collisions } = wanted; ; collisions++) {
    const hash = templateHash(set.spec?.template, collisions);
    const name = `${nameOf(set)}-${hash}`;
    try {
      const created = await client.create(
        CONTROLLER_REVISIONS,
        {
          apiVersion: 'apps/v1',
          kind: 'ControllerRevision',
          metadata: {
            name,
            namespace,
            labels: { ...set.spec?.template?.metadata?.labels, [wanted.label]: hash },
            // The cause of the change is among them.
            ...(set.metadata.annotations === undefined ? {} : { annotations: { ...set.metadata.annotations } }),
            ownerReferences: [controllerReference(set, 'apps/v1', kind)],
          },
          data: wanted.data,
          revision: wanted.number,
        },
        { namespace },
      );
      world.caches.revisions.wrote(created);
      return { revision: created, collisions };
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
      const existing = await client.get(CONTROLLER_REVISIONS, name, { namespace });
      if (sameValue(existing.data, wanted.data)) return { revision: existing, collisions };
    }
  }
}

function numberOf(revision: KubeObject): number {
  return Number(revision.revision ?? 0);
}

async function revisionsOf(world: World, set: KubeObject, kind: string): Promise<KubeObject[]> {
  return await claimObjects(world, {
    owner: set,
    reference: controllerReference(set, 'apps/v1', kind),
    ref: CONTROLLER_REVISIONS,
    cache: world.caches.revisions,
    selects: (revision) => matchesSelector(set.spec?.selector, revision.metadata.labels),
  });
}

/** The pod template that a revision remembers. */
export function revisionTemplate(revision: KubeObject | undefined): Json | undefined {
  const { $patch: _patch, ...template } = revision?.data?.spec?.template ?? {};
  return revision === undefined ? undefined : template;
}
