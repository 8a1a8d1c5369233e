/**
 * All kinds the server knows: built-in ones as data (one file per API group), custom ones from their definitions.
 *
 * Every KindDefinition.validate checks metadata too (names, labels, owner references), so callers need nothing else.
 * `defaults` starts by reading the object as the server's types would (see ../openapi/typed.ts) and throws 400 for what
 * cannot be decoded; `prepare` is for writes of the object itself, not of its status. `convert` turns the few kinds with
 * two shapes into the other one; `serviceAllocator` is the admission plugin that gives services their addresses.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { customKinds } from '../crd/kinds.ts';
import type { KindDefinition, KindRegistry, TableColumn } from '../types.ts';
import { admissionregistration } from './admissionregistration.ts';
import { apiextensions } from './apiextensions.ts';
import { apps } from './apps.ts';
import { autoscaling } from './autoscaling.ts';
import { batch } from './batch.ts';
import { certificates } from './certificates.ts';
import { coordination, events, node, scheduling } from './cluster.ts';
import { core } from './core/index.ts';
import { devices } from './devices.ts';
import { discovery } from './discovery.ts';
import { flowcontrol } from './flow-control.ts';
import { networking } from './networking.ts';
import { policy } from './policy.ts';
import { rbac } from './rbac.ts';
import { apiregistration, authentication, authorization } from './simple.ts';
import { storage } from './storage.ts';

export { convert } from './convert.ts';
export { serviceAllocator } from './core/allocate.ts';

export interface MutableKindRegistry extends KindRegistry {
  /** Serves the versions of an established definition; replaces what an older state of it served. */
  setCustom(crd: KubeObject): void;
  removeCustom(crdName: string): void;
}

const builtIn: readonly KindDefinition[] = [
  ...core,
  ...admissionregistration,
  ...apiextensions,
  ...apiregistration,
  ...apps,
  ...authentication,
  ...authorization,
  ...autoscaling,
  ...batch,
  ...certificates,
  ...coordination,
  ...discovery,
  ...events,
  ...flowcontrol,
  ...networking,
  ...node,
  ...policy,
  ...rbac,
  ...devices,
  ...scheduling,
  ...storage,
];

/**
 * `served`: kinds of API groups that the host answers for; `proxied`: `group/resource` of the custom kinds that have a
 * `proxy` behind their objects; `tables`: columns of custom kinds in place of what their definitions say.
 */
export function createKindRegistry(
  served: readonly KindDefinition[] = [],
  proxied: ReadonlySet<string> = new Set(),
  tables: Readonly<Record<string, TableColumn[]>> = {},
): MutableKindRegistry {
  const byResource = new Map<string, KindDefinition>();
  const byKind = new Map<string, KindDefinition>();
  const custom = new Map<string, readonly KindDefinition[]>();
  let revision = 0;
  let all: readonly KindDefinition[] = [];

  const rebuild = (): void => {
    all = [...builtIn, ...served, ...[...custom.values()].flat()];
    byResource.clear();
    byKind.clear();
    for (const kind of all) {
      // Built-in kinds come first and win: no definition can shadow them.
      const resourceKey = `${kind.group}/${kind.version}/${kind.resource}`;
      const kindKey = `${kind.group}/${kind.version}/${kind.kind}`;
      if (!byResource.has(resourceKey)) byResource.set(resourceKey, kind);
      if (!byKind.has(kindKey)) byKind.set(kindKey, kind);
    }
    revision += 1;
  };
  rebuild();

  return {
    get revision() {
      return revision;
    },
    find: (group, version, resourceName) => byResource.get(`${group}/${version}/${resourceName}`),
    findKind: (apiVersion, kind) => byKind.get(`${apiVersion.includes('/') ? apiVersion : `/${apiVersion}`}/${kind}`),
    all: () => all,
    setCustom(crd) {
      const before = custom.get(crd.metadata.name ?? '')?.[0]?.custom;
      const same = before !== undefined && before.crd.metadata.generation === crd.metadata.generation;
      const kinds = customKinds(crd, same ? before.since : Number(crd.metadata.resourceVersion ?? 0));
      for (const kind of kinds) {
        const name = `${kind.group}/${kind.resource}`;
        if (proxied.has(name)) kind.subresources = ['proxy', ...kind.subresources];
        kind.columns = tables[name] ?? kind.columns;
      }
      custom.set(crd.metadata.name ?? '', kinds);
      rebuild();
    },
    removeCustom(crdName) {
      if (custom.delete(crdName)) rebuild();
    },
  };
}
