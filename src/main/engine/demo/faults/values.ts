/** Values of a fault's parameters and the ways to name its target. Pure. */
import type { FaultParameter, FaultValues } from '#shared/contract/demo.ts';
import { AppError } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import {
  CRON_JOBS,
  DAEMON_SETS,
  DEPLOYMENTS,
  JOBS,
  NAMESPACES,
  PODS,
  REPLICA_SETS,
  REPLICATION_CONTROLLERS,
  STATEFUL_SETS,
  STORAGE_CLASSES,
  VOLUME_CLAIMS,
} from '../sim/refs.ts';

/** Every parameter with a value. @throws AppError INVALID for unknown parameters and values out of bounds. */
export function completeValues(parameters: readonly FaultParameter[], given: FaultValues): FaultValues {
  const known = new Map(parameters.map((parameter) => [parameter.name as string, parameter]));
  for (const name of Object.keys(given)) {
    if (!known.has(name))
      throw invalid(name, `there is no parameter ${name}; there are: ${[...known.keys()].join(', ')}`);
  }
  return Object.fromEntries(
    parameters.map((parameter) => [parameter.name, checked(parameter, given[parameter.name] ?? parameter.initial)]),
  );
}

function checked(parameter: FaultParameter, value: number | string): number | string {
  if (parameter.type === 'choice') {
    const choice = String(value);
    if ((parameter.choices as string[]).includes(choice)) return choice;
    throw invalid(parameter.name, `${parameter.name} is one of ${parameter.choices.join(', ')}, not "${choice}"`);
  }
  const number = typeof value === 'number' ? value : value.trim() === '' ? Number.NaN : Number(value);
  if (number >= parameter.min && number <= parameter.max) return number;
  throw invalid(parameter.name, `${parameter.name} is between ${parameter.min} and ${parameter.max}, not "${value}"`);
}

function invalid(field: string, message: string): AppError {
  return new AppError('INVALID', message, { params: { field } });
}

/** Of `id:name=value:name=value`, as a cluster's fault is annotated. @throws AppError INVALID for what is no setting. */
export function settingsOf(part: string): FaultValues {
  const [, ...settings] = part.split(':');
  return Object.fromEntries(
    settings.map((setting) => {
      const [, name, value] = /^([a-z]+)=(.+)$/.exec(setting.trim()) ?? [];
      if (name === undefined || value === undefined)
        throw invalid('values', `a value is given as name=value, not "${setting}"`);
      return [name, value];
    }),
  );
}

export interface ObjectTarget {
  kind: ObjectKind;
  /** Undefined for what is in no namespace. */
  namespace?: string;
  name: string;
  ref: ResourceRef;
}

/** What faults are aimed at besides nodes. */
export type ObjectKind =
  | 'deployment'
  | 'statefulset'
  | 'daemonset'
  | 'replicaset'
  | 'replicationcontroller'
  | 'job'
  | 'cronjob'
  | 'pod'
  | 'persistentvolumeclaim'
  | 'namespace'
  | 'storageclass';

/** As kubectl names them, beside their own names. */
const KINDS: Readonly<Record<ObjectKind, { ref: ResourceRef; short: readonly string[] }>> = {
  deployment: { ref: DEPLOYMENTS, short: ['deployments', 'deploy'] },
  statefulset: { ref: STATEFUL_SETS, short: ['statefulsets', 'sts'] },
  daemonset: { ref: DAEMON_SETS, short: ['daemonsets', 'ds'] },
  replicaset: { ref: REPLICA_SETS, short: ['replicasets', 'rs'] },
  replicationcontroller: { ref: REPLICATION_CONTROLLERS, short: ['replicationcontrollers', 'rc'] },
  job: { ref: JOBS, short: ['jobs'] },
  cronjob: { ref: CRON_JOBS, short: ['cronjobs', 'cj'] },
  pod: { ref: PODS, short: ['pods', 'po'] },
  persistentvolumeclaim: { ref: VOLUME_CLAIMS, short: ['persistentvolumeclaims', 'pvc'] },
  namespace: { ref: NAMESPACES, short: ['namespaces', 'ns'] },
  storageclass: { ref: STORAGE_CLASSES, short: ['storageclasses', 'sc'] },
};
const BY_NAME = new Map(
  (Object.keys(KINDS) as ObjectKind[]).flatMap((kind) =>
    [kind, ...KINDS[kind].short].map((name): [string, ObjectKind] => [name, kind]),
  ),
);
const WITHOUT_NAMESPACE: readonly ObjectKind[] = ['namespace', 'storageclass'];

/**
 * `namespace/kind/name`, or `kind/name` for a namespace or a storage class, kinds as kubectl abbreviates them.
 * @throws AppError INVALID.
 */
export function parseTarget(text: string): ObjectTarget {
  const parts = text.split('/');
  const name = parts.at(-1) ?? '';
  const kind = BY_NAME.get((parts.at(-2) ?? '').toLowerCase());
  const alone = kind !== undefined && WITHOUT_NAMESPACE.includes(kind);
  if (kind === undefined || parts.length !== (alone ? 2 : 3) || parts.includes(''))
    throw invalid(
      'target',
      `a target is namespace/kind/name with ${kindsIn(true).join(', ')}, or kind/name with ${kindsIn(false).join(', ')}: "${text}"`,
    );
  const { ref } = KINDS[kind];
  return alone ? { kind, name, ref } : { kind, namespace: parts[0] ?? '', name, ref };
}

function kindsIn(namespaces: boolean): string[] {
  return Object.keys(KINDS).filter((kind) => WITHOUT_NAMESPACE.includes(kind as ObjectKind) !== namespaces);
}

/** As `parseTarget` reads it. */
export function formatTarget(kind: ObjectKind, namespace: string, name: string): string {
  return WITHOUT_NAMESPACE.includes(kind) ? `${kind}/${name}` : `${namespace}/${kind}/${name}`;
}

export function refOf(kind: ObjectKind): ResourceRef {
  return KINDS[kind].ref;
}

/** Whether a changed pod template is a release, which can go wrong. */
export function isReleased(kind: ObjectKind | 'node'): boolean {
  return kind === 'deployment' || kind === 'statefulset' || kind === 'daemonset';
}

/** Whether its pods follow what its template is annotated with, and the annotation can be taken away there. */
export function hasTemplate(kind: ObjectKind | 'node'): boolean {
  return isReleased(kind) || kind === 'replicaset' || kind === 'replicationcontroller';
}
