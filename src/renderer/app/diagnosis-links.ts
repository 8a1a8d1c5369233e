/** Addresses of the diagnosis pages, and of the objects they speak of. Pure. */
import type { DiagnosisKind, DiagnosisTarget, ObjectName } from '#shared/contract/diagnosis.ts';
import { DIAGNOSIS_KINDS } from '#shared/diagnosis.ts';
import { commonKinds, kindName } from './kinds.ts';
import { FIRST_RESOURCE, parseResourcesPlace, resourcesRoute } from './resource-links.ts';
import { formatRoute, type Route } from './router.ts';

export function isDiagnosable(kind: string): kind is DiagnosisKind {
  return (DIAGNOSIS_KINDS as readonly string[]).includes(kind);
}

/** Runs at once when it is opened. */
export function diagnosisRoute({ clusterId, kind, namespace, name }: DiagnosisTarget): string {
  return formatRoute(['diagnosis', 'run'], { cluster: clusterId, kind, ns: namespace, name });
}

export function parseDiagnosisTarget({ query }: Route): DiagnosisTarget | null {
  const { cluster = '', kind = '', ns = '', name = '' } = query;
  return cluster !== '' && name !== '' && isDiagnosable(kind)
    ? { clusterId: cluster, kind, namespace: ns, name }
    : null;
}

/** The object whose drawer is open, when it is of a kind that can be diagnosed. */
export function openDiagnosable(route: Route): DiagnosisTarget | null {
  if (route.path[0] !== 'resources') return null;
  const { open, resource } = parseResourcesPlace(route);
  if (open === null || open.target.kind !== 'cluster') return null;
  const kind = kindName(resource ?? FIRST_RESOURCE);
  return isDiagnosable(kind) ? { clusterId: open.target.id, kind, namespace: open.namespace, name: open.name } : null;
}

/** The object on the Resources page; null for kinds that are not listed there. */
export function objectRoute(clusterId: string, { kind, namespace, name }: ObjectName): string | null {
  const known = commonKinds.find((one) => one.kind === kind);
  if (known === undefined) return null;
  const { group, version, resource } = known;
  const target = { kind: 'cluster' as const, id: clusterId };
  return resourcesRoute({
    targets: [target],
    resource: { group, version, resource },
    open: { target, namespace, name },
  });
}
