/**
 * HorizontalPodAutoscaler in its two shapes. What autoscaling/v1 has no field for travels in four annotations, which
 * the other shape never shows: metrics, current metrics, behaviour and conditions, written as the older betas had them.
 * Source: API reference autoscaling/v1 and v2; names and forms of the annotations recorded from kube-apiserver 1.36.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { compact, isRecord } from '../json.ts';

const KEPT = {
  metrics: 'autoscaling.alpha.kubernetes.io/metrics',
  currentMetrics: 'autoscaling.alpha.kubernetes.io/current-metrics',
  behavior: 'autoscaling.alpha.kubernetes.io/behavior',
  conditions: 'autoscaling.alpha.kubernetes.io/conditions',
} as const;

/** A place in autoscaling/v2 and the field that holds its value in the annotation; `always`: zero where there is none. */
type Place = [field: string, at: string, always?: 'always'];

const SELECTOR: Place = ['selector', 'metric.selector'];
const NAME: Place = ['metricName', 'metric.name'];
const OBJECT: Place = ['target', 'describedObject'];

/** Field of the source by metric type, and its parts in the order in which they are written. */
const SPECS: Record<string, [field: string, places: Place[]]> = {
  Object: [
    'object',
    [OBJECT, NAME, ['targetValue', 'target.value', 'always'], SELECTOR, ['averageValue', 'target.averageValue']],
  ],
  Pods: ['pods', [NAME, ['targetAverageValue', 'target.averageValue', 'always'], SELECTOR]],
  Resource: [
    'resource',
    [
      ['name', 'name'],
      ['targetAverageUtilization', 'target.averageUtilization'],
      ['targetAverageValue', 'target.averageValue'],
    ],
  ],
  ContainerResource: [
    'containerResource',
    [
      ['name', 'name'],
      ['targetAverageUtilization', 'target.averageUtilization'],
      ['targetAverageValue', 'target.averageValue'],
      ['container', 'container'],
    ],
  ],
  External: [
    'external',
    [
      NAME,
      ['metricSelector', 'metric.selector'],
      ['targetValue', 'target.value'],
      ['targetAverageValue', 'target.averageValue'],
    ],
  ],
};
const STATUSES: typeof SPECS = {
  Object: [
    'object',
    [OBJECT, NAME, ['currentValue', 'current.value', 'always'], SELECTOR, ['averageValue', 'current.averageValue']],
  ],
  Pods: ['pods', [NAME, ['currentAverageValue', 'current.averageValue', 'always'], SELECTOR]],
  Resource: [
    'resource',
    [
      ['name', 'name'],
      ['currentAverageUtilization', 'current.averageUtilization'],
      ['currentAverageValue', 'current.averageValue', 'always'],
    ],
  ],
  ContainerResource: [
    'containerResource',
    [
      ['name', 'name'],
      ['currentAverageUtilization', 'current.averageUtilization'],
      ['currentAverageValue', 'current.averageValue', 'always'],
      ['container', 'container'],
    ],
  ],
  External: [
    'external',
    [
      NAME,
      ['metricSelector', 'metric.selector'],
      ['currentValue', 'current.value', 'always'],
      ['currentAverageValue', 'current.averageValue'],
    ],
  ],
};

/** What the annotations of autoscaling/v1 say is read and written again: what nobody can read is not kept. */
export function settleKept(object: KubeObject): void {
  const { annotations } = object.metadata;
  if (annotations === undefined || !Object.values(KEPT).some((name) => annotations[name] !== undefined)) return;
  const { annotations: settled } = autoscalerToV1(autoscalerToV2(object)).metadata;
  if (settled === undefined) delete object.metadata.annotations;
  else object.metadata.annotations = settled;
}

/** Whether an object of autoscaling/v1 has metrics beside the share of CPU. */
export function hasKeptMetrics(object: KubeObject): boolean {
  return list(keptOf(object.metadata).metrics).length > 0;
}

export function autoscalerToV1(object: KubeObject): KubeObject {
  const { metrics, behavior, ...spec } = object.spec ?? {};
  const { currentMetrics, conditions, ...status } = object.status ?? {};
  const wanted = list(metrics).find(isCpuShare)?.resource.target.averageUtilization;
  const current = list(currentMetrics).findLast(
    (metric) => isCpu(metric) && metric.resource.current?.averageUtilization !== undefined,
  );
  const others = list(metrics).filter((metric) => !isCpuShare(metric));
  return {
    kind: object.kind,
    apiVersion: 'autoscaling/v1',
    metadata: withKept(object.metadata, {
      metrics: others.map((metric) => flat(metric, SPECS)),
      currentMetrics: list(currentMetrics).map((metric) => flat(metric, STATUSES)),
      behavior: behavior ? { ScaleUp: rulesOf(behavior.scaleUp), ScaleDown: rulesOf(behavior.scaleDown) } : undefined,
      conditions: list(conditions).map(({ type, status: state, lastTransitionTime, reason, message }) =>
        compact({
          type,
          status: state,
          lastTransitionTime: lastTransitionTime ?? null,
          reason: reason || undefined,
          message: message || undefined,
        }),
      ),
    }),
    spec: compact({ ...spec, targetCPUUtilizationPercentage: wanted }),
    status: compact({
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas ?? 0,
      currentCPUUtilizationPercentage: current?.resource.current.averageUtilization,
    }),
  };
}

export function autoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: wanted, ...spec } = object.spec ?? {};
  const { currentCPUUtilizationPercentage: current, currentReplicas, ...status } = object.status ?? {};
  const kept = keptOf(object.metadata);
  const metrics = list(kept.metrics).map((metric) => deep(asDeclared(metric, SPECS), SPECS));
  if (wanted !== undefined)
    metrics.push({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: wanted } },
    });
  const cpu = { type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } };
  const shown = Array.isArray(kept.currentMetrics)
    ? kept.currentMetrics.map((metric) => deep(metric, STATUSES))
    : current === undefined
      ? null
      : [cpu];
  const { ScaleUp: up, ScaleDown: down } = kept.behavior ?? {};
  return {
    kind: object.kind,
    apiVersion: 'autoscaling/v2',
    metadata: withKept(object.metadata, {}),
    spec: {
      ...spec,
      ...(metrics.length > 0 ? { metrics } : {}),
      ...(up || down ? { behavior: compact({ scaleUp: fromRules(up), scaleDown: fromRules(down) }) } : {}),
    },
    status: {
      ...status,
      ...(currentReplicas ? { currentReplicas } : {}),
      desiredReplicas: status.desiredReplicas ?? 0,
      currentMetrics: shown,
      ...(Array.isArray(kept.conditions) ? { conditions: kept.conditions } : {}),
    },
  };
}

function isCpu(metric: Json): boolean {
  return metric.type === 'Resource' && metric.resource?.name === 'cpu';
}

function isCpuShare(metric: Json): boolean {
  return isCpu(metric) && metric.resource.target?.averageUtilization !== undefined;
}

function list(value: Json): Json[] {
  return Array.isArray(value) ? value : [];
}

/** Field names of the annotations are read whatever their case, as Go reads them. */
function asDeclared(metric: Json, types: typeof SPECS): Json {
  if (!isRecord(metric)) return metric;
  const rename = (value: Record<string, Json>, names: readonly string[]): Record<string, Json> => {
    const byLower = new Map(names.map((name) => [name.toLowerCase(), name]));
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [byLower.get(key.toLowerCase()) ?? key, item]),
    );
  };
  const known = Object.values(types);
  const outer = rename(metric, ['type', ...known.map(([field]) => field)]);
  for (const [field, places] of known)
    if (isRecord(outer[field]))
      outer[field] = rename(
        outer[field],
        places.map(([name]) => name),
      );
  return outer;
}

/** The four annotations, each only where it has something to say; those that somebody else wrote are gone. */
function withKept(
  metadata: KubeObject['metadata'],
  values: Partial<Record<keyof typeof KEPT, Json>>,
): KubeObject['metadata'] {
  const names = new Set<string>(Object.values(KEPT));
  const others = Object.entries(metadata.annotations ?? {}).filter(([name]) => !names.has(name));
  const own = (Object.keys(KEPT) as (keyof typeof KEPT)[])
    .filter((key) => values[key] !== undefined && !(Array.isArray(values[key]) && values[key].length === 0))
    .map((key): [string, string] => [KEPT[key], JSON.stringify(values[key])]);
  const { annotations: _old, ...rest } = metadata;
  const annotations = Object.fromEntries([...others, ...own]);
  return Object.keys(annotations).length === 0 ? rest : { ...rest, annotations };
}

/** What the annotations say; one that cannot be read says nothing. */
function keptOf(metadata: KubeObject['metadata']): Record<keyof typeof KEPT, Json> {
  const read = (name: string): Json => {
    try {
      return JSON.parse(metadata.annotations?.[name] ?? 'null') ?? undefined;
    } catch {
      return undefined;
    }
  };
  return {
    metrics: read(KEPT.metrics),
    currentMetrics: read(KEPT.currentMetrics),
    behavior: read(KEPT.behavior),
    conditions: read(KEPT.conditions),
  };
}

function flat(metric: Json, types: typeof SPECS): Json {
  const [field, places] = types[metric.type] ?? [];
  if (field === undefined || places === undefined) return { type: metric.type ?? '' };
  const from = metric[field] ?? {};
  const parts = places.map(([name, at, always]) => {
    const value = at.split('.').reduce((part: Json, key) => part?.[key], from);
    return [name, value ?? (always === undefined ? undefined : '0')];
  });
  return { type: metric.type, [field]: compact(Object.fromEntries(parts)) };
}

function deep(metric: Json, types: typeof SPECS): Json {
  const [field, places] = types[metric?.type] ?? [];
  if (field === undefined || places === undefined) return { type: metric?.type ?? '' };
  const to: Record<string, Json> = {};
  for (const [name, at, always] of places) {
    const value = metric[field]?.[name];
    if (value === undefined || (name === 'targetValue' && always && Number(value) === 0)) continue;
    const [outer = '', inner] = at.split('.');
    if (inner === undefined) to[outer] = value;
    else to[outer] = { ...to[outer], [inner]: value };
  }
  if (types === SPECS) {
    const target = to.target ?? {};
    const type =
      target.averageUtilization !== undefined ? 'Utilization' : target.value !== undefined ? 'Value' : 'AverageValue';
    to.target = { type, ...target };
  }
  return { type: metric.type, [field]: to };
}

/** Rules of one direction as the annotation has them: every field, in the capitals of the server's own structures. */
function rulesOf(rules: Json): Json {
  if (!rules) return null;
  return {
    StabilizationWindowSeconds: rules.stabilizationWindowSeconds ?? null,
    SelectPolicy: rules.selectPolicy ?? null,
    Policies:
      rules.policies?.map((policy: Json) => ({
        Type: policy.type,
        Value: policy.value,
        PeriodSeconds: policy.periodSeconds,
      })) ?? null,
    Tolerance: rules.tolerance ?? null,
  };
}

function fromRules(rules: Json): Json {
  if (!rules) return undefined;
  return compact({
    stabilizationWindowSeconds: rules.StabilizationWindowSeconds ?? undefined,
    selectPolicy: rules.SelectPolicy ?? undefined,
    policies: rules.Policies?.map((policy: Json) => ({
      type: policy.Type,
      value: policy.Value,
      periodSeconds: policy.PeriodSeconds,
    })),
    tolerance: rules.Tolerance ?? undefined,
  });
}
