/**
 * Built-in kinds that are served in more than one shape: HorizontalPodAutoscaler (autoscaling/v1 and v2) and Event
 * (core/v1 and events.k8s.io/v1). Everything else has one version. Source: API reference of both shapes.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

type Conversion = (object: KubeObject) => KubeObject;

const conversions: Record<string, Conversion> = {
  'autoscaling/v1 autoscaling/v2 HorizontalPodAutoscaler': autoscalerToV2,
  'autoscaling/v2 autoscaling/v1 HorizontalPodAutoscaler': autoscalerToV1,
  'v1 events.k8s.io/v1 Event': eventToV1,
  'events.k8s.io/v1 v1 Event': eventToCore,
};

/** The object under another version of its kind: a new object, or the same one with the version alone exchanged. */
export function convert(object: KubeObject, apiVersion: string): KubeObject {
  if (object.apiVersion === apiVersion) return object;
  const conversion = conversions[`${object.apiVersion} ${apiVersion} ${object.kind}`];
  return conversion === undefined ? { ...object, apiVersion } : conversion(object);
}

function compact(fields: Record<string, Json>): Record<string, Json> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

/** Annotation that keeps what the older shape has no field for. */
const METRICS = 'autoscaling.alpha.kubernetes.io/metrics';

function autoscalerToV1(object: KubeObject): KubeObject {
  const { metrics, behavior: _behavior, ...spec } = object.spec ?? {};
  const { currentMetrics, conditions: _conditions, ...status } = object.status ?? {};
  const isCpu = (metric: Json): boolean => metric.type === 'Resource' && metric.resource?.name === 'cpu';
  const cpu = ((metrics ?? []) as Json[]).find(
    (metric) => isCpu(metric) && metric.resource.target?.averageUtilization !== undefined,
  );
  const current = ((currentMetrics ?? []) as Json[]).find(isCpu)?.resource?.current?.averageUtilization;
  const others = ((metrics ?? []) as Json[]).filter((metric) => metric !== cpu);
  const metadata =
    others.length === 0
      ? object.metadata
      : { ...object.metadata, annotations: { ...object.metadata.annotations, [METRICS]: JSON.stringify(others) } };
  return {
    kind: object.kind,
    apiVersion: 'autoscaling/v1',
    metadata,
    spec: compact({ ...spec, targetCPUUtilizationPercentage: cpu?.resource.target.averageUtilization }),
    status: compact({
      ...status,
      currentReplicas: status.currentReplicas ?? 0,
      desiredReplicas: status.desiredReplicas ?? 0,
      currentCPUUtilizationPercentage: current,
    }),
  };
}

function autoscalerToV2(object: KubeObject): KubeObject {
  const { targetCPUUtilizationPercentage: target, ...spec } = object.spec ?? {};
  const { currentCPUUtilizationPercentage: current, ...status } = object.status ?? {};
  const { [METRICS]: kept, ...annotations } = object.metadata.annotations ?? {};
  const metrics: Json[] = [];
  if (target !== undefined)
    metrics.push({
      type: 'Resource',
      resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: target } },
    });
  if (kept !== undefined) metrics.push(...parseList(kept));
  const metadata = { ...object.metadata };
  if (kept !== undefined) {
    if (Object.keys(annotations).length > 0) metadata.annotations = annotations;
    else delete metadata.annotations;
  }
  const currentMetrics =
    current === undefined
      ? null
      : [{ type: 'Resource', resource: { name: 'cpu', current: { averageUtilization: current } } }];
  return {
    kind: object.kind,
    apiVersion: 'autoscaling/v2',
    metadata,
    spec: { ...spec, ...(metrics.length > 0 ? { metrics } : {}) },
    status: { ...status, desiredReplicas: status.desiredReplicas ?? 0, currentMetrics },
  };
}

function parseList(text: string): Json[] {
  try {
    const value = JSON.parse(text);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function eventToV1(event: KubeObject): KubeObject {
  return {
    kind: event.kind,
    apiVersion: 'events.k8s.io/v1',
    metadata: event.metadata,
    eventTime: event.eventTime ?? null,
    ...compact({
      series: event.series,
      reportingController: event.reportingComponent || undefined,
      reportingInstance: event.reportingInstance || undefined,
      action: event.action,
      reason: event.reason,
      regarding: event.involvedObject,
      related: event.related,
      note: event.message,
      type: event.type,
      deprecatedSource: event.source,
      deprecatedFirstTimestamp: event.firstTimestamp ?? undefined,
      deprecatedLastTimestamp: event.lastTimestamp ?? undefined,
      deprecatedCount: event.count,
    }),
  };
}

function eventToCore(event: KubeObject): KubeObject {
  return {
    kind: event.kind,
    apiVersion: 'v1',
    metadata: event.metadata,
    involvedObject: event.regarding ?? {},
    ...compact({
      reason: event.reason,
      message: event.note,
      source: event.deprecatedSource ?? {},
      firstTimestamp: event.deprecatedFirstTimestamp ?? null,
      lastTimestamp: event.deprecatedLastTimestamp ?? null,
      count: event.deprecatedCount,
      type: event.type,
      series: event.series,
      action: event.action,
      related: event.related,
    }),
    eventTime: event.eventTime ?? null,
    reportingComponent: event.reportingController ?? '',
    reportingInstance: event.reportingInstance ?? '',
  };
}
