/** Values of a fault's parameters and the ways to name its target. Pure. */
import type { FaultParameter, FaultValues } from '#shared/contract/demo.ts';
import { AppError } from '#shared/errors.ts';
import type { ResourceRef } from '#shared/kubernetes/types.ts';
import { DAEMON_SETS, DEPLOYMENTS, PODS, STATEFUL_SETS, VOLUME_CLAIMS } from '../sim/refs.ts';

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

export interface WorkloadTarget {
  namespace: string;
  kind: WorkloadKind;
  name: string;
  ref: ResourceRef;
}

export type WorkloadKind = 'deployment' | 'statefulset' | 'daemonset' | 'pod' | 'persistentvolumeclaim';

export const WORKLOAD_REFS: Readonly<Record<WorkloadKind, ResourceRef>> = {
  deployment: DEPLOYMENTS,
  statefulset: STATEFUL_SETS,
  daemonset: DAEMON_SETS,
  pod: PODS,
  persistentvolumeclaim: VOLUME_CLAIMS,
};

const ALIASES: Readonly<Record<string, WorkloadKind>> = {
  deployment: 'deployment',
  deployments: 'deployment',
  deploy: 'deployment',
  statefulset: 'statefulset',
  statefulsets: 'statefulset',
  sts: 'statefulset',
  daemonset: 'daemonset',
  daemonsets: 'daemonset',
  ds: 'daemonset',
  pod: 'pod',
  pods: 'pod',
  po: 'pod',
  persistentvolumeclaim: 'persistentvolumeclaim',
  persistentvolumeclaims: 'persistentvolumeclaim',
  pvc: 'persistentvolumeclaim',
};

/** `namespace/kind/name`, kinds as kubectl abbreviates them. @throws AppError INVALID. */
export function parseWorkload(text: string): WorkloadTarget {
  const [namespace = '', kindText = '', name = '', ...rest] = text.split('/');
  const kind = ALIASES[kindText.toLowerCase()];
  if (namespace === '' || name === '' || kind === undefined || rest.length > 0) {
    throw invalid(
      'target',
      `a target is namespace/kind/name with deployment, statefulset, daemonset, pod or persistentvolumeclaim: "${text}"`,
    );
  }
  return { namespace, kind, name, ref: WORKLOAD_REFS[kind] };
}

/** Whether there is a pod template, so that a release can go wrong. */
export function hasTemplate(kind: WorkloadKind | 'node'): boolean {
  return kind === 'deployment' || kind === 'statefulset' || kind === 'daemonset';
}

export function formatWorkload(kind: WorkloadKind, namespace: string, name: string): string {
  return `${namespace}/${kind}/${name}`;
}
