/** autoscaling/v2 and v1: HorizontalPodAutoscaler, one object in two shapes (see convert.ts). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../types.ts';
import { autoscalerToV2, hasKeptMetrics, settleKept } from './convert-autoscaler.ts';
import { defineKinds, type KindSpec } from './define.ts';
import { forbiddenField, invalidValue, required } from './validation/field.ts';
import { type GroupRule, validateBehavior, validateMetrics, validateTarget } from './validation/metrics.ts';

const MAX_SHOWN = 2;

function validate(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  const { minReplicas = 1, maxReplicas = 0, scaleTargetRef: target = {} } = spec;
  if (minReplicas < 1) errors.push(invalidValue('spec.minReplicas', minReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas === 0) errors.push(required('spec.maxReplicas', 'must be set and greater than 0'));
  else if (maxReplicas < 1)
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to 1'));
  if (maxReplicas < minReplicas)
    errors.push(invalidValue('spec.maxReplicas', maxReplicas, 'must be greater than or equal to `minReplicas`'));
  return [
    ...errors,
    ...validateTarget(target, 'spec.scaleTargetRef', groupOf(target, old?.spec?.scaleTargetRef)),
    ...validateMetrics(spec.metrics, 'spec.metrics'),
    ...validateZero(minReplicas, spec.metrics ?? []),
    ...validateBehavior(spec.behavior, 'spec.behavior'),
  ];
}

/** One kind of the core group scales, and what was written before is let be. */
function groupOf(target: Json, before: Json): GroupRule {
  if (before !== undefined && before.apiVersion === target.apiVersion && before.kind === target.kind) return 'any';
  return target.kind === 'ReplicationController' ? 'core-too' : 'named';
}

/** Without pods there is nothing to measure in them. */
function validateZero(minReplicas: number, metrics: Json[]): FieldError[] {
  if (minReplicas !== 0 || metrics.some(({ type }) => type === 'Object' || type === 'External')) return [];
  const text = 'must specify at least one Object or External metric to support scaling to zero replicas';
  return [forbiddenField('spec.metrics', text)];
}

/** It is the first of the metrics in the other shape, and judged there. */
function targetText(value: Json, kind: string): string {
  if (value === undefined || value === null) return '<unknown>';
  if (kind === 'Utilization')
    return value.averageUtilization === undefined ? '<unknown>' : `${value.averageUtilization}%`;
  return String(value.averageValue ?? value.value ?? '<unknown>');
}

/** `cpu: 12%/80%`, two metrics at most. */
function targetsV2(object: KubeObject): string {
  const metrics: Json[] = object.spec?.metrics ?? [];
  if (metrics.length === 0) return '<none>';
  const current: Json[] = object.status?.currentMetrics ?? [];
  const parts = metrics.map((metric, index) => {
    const field = metric.type.charAt(0).toLowerCase() + metric.type.slice(1);
    const wanted = metric[field]?.target ?? {};
    const kind = wanted.averageUtilization !== undefined ? 'Utilization' : 'Value';
    const value = `${targetText(current[index]?.[field]?.current, kind)}/${targetText(wanted, kind)}`;
    const name = metric[field]?.name;
    if (metric.type === 'Resource' || metric.type === 'ContainerResource') return `${name}: ${value}`;
    return metric.type !== 'Pods' && wanted.averageValue !== undefined ? `${value} (avg)` : value;
  });
  const shown = parts.slice(0, MAX_SHOWN).join(', ');
  return parts.length > MAX_SHOWN ? `${shown} + ${parts.length - MAX_SHOWN} more...` : shown;
}

function targetsV1(object: KubeObject): string {
  const wanted = object.spec?.targetCPUUtilizationPercentage;
  if (wanted === undefined) return '<none>';
  const current = object.status?.currentCPUUtilizationPercentage;
  return `cpu: ${current === undefined ? '<unknown>' : `${current}%`}/${wanted}%`;
}

function columns(targets: (object: KubeObject) => string): TableColumn[] {
  return [
    text('Reference', (object) => {
      const target = object.spec?.scaleTargetRef ?? {};
      return `${target.kind ?? ''}/${target.name ?? ''}`;
    }),
    text('Targets', targets),
    text('MinPods', (object) => String(object.spec?.minReplicas ?? '<unset>')),
    text('MaxPods', (object) => object.spec?.maxReplicas ?? 0),
    text('Replicas', (object) => object.status?.currentReplicas ?? 0),
    age,
  ];
}

const common: Omit<KindSpec, 'columns' | 'defaults' | 'prepare'> = {
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
  validate,
};

/** Steps of the default behaviour; only those beside what the person gave are filled in. */
const SCALE_UP = {
  stabilizationWindowSeconds: 0,
  selectPolicy: 'Max',
  policies: [
    { type: 'Pods', value: 4, periodSeconds: 15 },
    { type: 'Percent', value: 100, periodSeconds: 15 },
  ],
};
const SCALE_DOWN = { selectPolicy: 'Max', policies: [{ type: 'Percent', value: 100, periodSeconds: 15 }] };

/** In the order of their declaration. */
function rulesWith(defaults: Json, given: Json): Json {
  const { stabilizationWindowSeconds, ...rest } = { ...structuredClone(defaults), ...given };
  return { ...(stabilizationWindowSeconds === undefined ? {} : { stabilizationWindowSeconds }), ...rest };
}

/** Percent of the requested CPU. */
const DEFAULT_SHARE = 80;

/** What autoscaling/v2 fills in; in place. */
export function defaultAutoscaler(object: KubeObject): void {
  object.spec ??= {};
  const { spec } = object;
  spec.minReplicas ??= 1;
  if ((spec.metrics ?? []).length === 0)
    spec.metrics = [
      {
        type: 'Resource',
        resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: DEFAULT_SHARE } },
      },
    ];
  if (!spec.behavior) return;
  spec.behavior.scaleUp = rulesWith(SCALE_UP, spec.behavior.scaleUp);
  spec.behavior.scaleDown = rulesWith(SCALE_DOWN, spec.behavior.scaleDown);
}

export const autoscaling: KindDefinition[] = [
  ...defineKinds('autoscaling', 'v2', 'io.k8s.api.autoscaling.v2', [
    {
      ...common,
      defaults: defaultAutoscaler,
      prepare: (object, old) => {
        object.status = old?.status ?? { desiredReplicas: 0, currentMetrics: null };
      },
      columns: columns(targetsV2),
    },
  ]),
  ...defineKinds('autoscaling', 'v1', 'io.k8s.api.autoscaling.v1', [
    {
      ...common,
      defaults: (object) => {
        object.spec ??= {};
        object.spec.minReplicas ??= 1;
        settleKept(object);
        // Without any metric it is the default share of CPU; others travel in an annotation.
        if (!hasKeptMetrics(object)) object.spec.targetCPUUtilizationPercentage ??= DEFAULT_SHARE;
      },
      prepare: (object, old) => {
        object.status = old?.status ?? { currentReplicas: 0, desiredReplicas: 0 };
      },
      // What its annotations say is judged with the rest.
      validate: (object, old) => validate(autoscalerToV2(object), old),
      columns: columns(targetsV1),
    },
  ]),
];
