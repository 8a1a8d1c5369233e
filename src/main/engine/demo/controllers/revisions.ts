/** ControllerRevisions of DaemonSets and StatefulSets: the history that `kubectl rollout history` and `undo` read. */
import { isAlreadyExists } from '#engine/kube/index.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { controllerReference, nameOf, namespaceOf, templateHash } from '../sim/objects.ts';
import { CONTROLLER_REVISIONS } from '../sim/refs.ts';
import { matchesSelector } from '../sim/selectors.ts';
import type { World } from '../sim/world.ts';
import { claimObjects } from './claim.ts';

/** Label of a pod and of a revision that says which template it was made from. */
export const HASH_LABEL = 'controller-revision-hash';

/** The same of the revisions of StatefulSets, whose pods name the whole revision. */
const STATEFUL_HASH_LABEL = 'controller.kubernetes.io/hash';

/**
 * Makes sure the current template is the newest revision; returns its hash. Keeps revisionHistoryLimit old ones beside
 * those that are still in use: `live` are their names.
 */
export async function keepRevision(
  world: World,
  set: KubeObject,
  kind: 'DaemonSet' | 'StatefulSet',
  live: ReadonlySet<string>,
): Promise<string> {
  const client = world.clients.manager;
  const { caches } = world;
  const hash = templateHash(set.spec?.template);
  const label = kind === 'StatefulSet' ? STATEFUL_HASH_LABEL : HASH_LABEL;
  const own = await revisionsOf(world, set, kind);
  const highest = Math.max(0, ...own.map((revision) => Number(revision.revision ?? 0)));
  const current = own.find((revision) => nameOf(revision) === `${nameOf(set)}-${hash}`);
  if (current === undefined) {
    const labels = { ...set.spec?.template?.metadata?.labels, [label]: hash };
    try {
      const created = await client.create(
        CONTROLLER_REVISIONS,
        {
          apiVersion: 'apps/v1',
          kind: 'ControllerRevision',
          metadata: {
            name: `${nameOf(set)}-${hash}`,
            namespace: namespaceOf(set),
            labels,
            // The cause of the change is among them.
            ...(set.metadata.annotations === undefined ? {} : { annotations: { ...set.metadata.annotations } }),
            ownerReferences: [controllerReference(set, 'apps/v1', kind)],
          },
          data: { spec: { template: { ...set.spec?.template, $patch: 'replace' } } },
          revision: highest + 1,
        },
        { namespace: namespaceOf(set) },
      );
      caches.revisions.wrote(created);
    } catch (error) {
      if (!isAlreadyExists(error)) throw error;
    }
  } else if (Number(current.revision) < highest) {
    // An old template came back: it is the newest revision again.
    caches.revisions.wrote(await client.update(CONTROLLER_REVISIONS, { ...current, revision: highest + 1 }));
  }
  const limit = set.spec?.revisionHistoryLimit ?? 10;
  const old = own
    .filter((revision) => nameOf(revision) !== `${nameOf(set)}-${hash}` && !live.has(nameOf(revision)))
    .sort((a, b) => Number(a.revision) - Number(b.revision));
  for (const revision of old.slice(0, Math.max(0, old.length - limit))) {
    await client.delete(CONTROLLER_REVISIONS, nameOf(revision), { namespace: namespaceOf(revision) });
    caches.revisions.removed(revision);
  }
  return hash;
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
