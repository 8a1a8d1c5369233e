/**
 * Built-in kinds that are served in more than one shape: HorizontalPodAutoscaler (autoscaling/v1 and v2, in
 * convert-autoscaler.ts) and Event (core/v1 and events.k8s.io/v1). Everything else has one version. Source: API reference
 * of both shapes.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { compact } from '../json.ts';
import { autoscalerToV1, autoscalerToV2 } from './convert-autoscaler.ts';

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
      deprecatedFirstTimestamp: event.firstTimestamp ?? null,
      deprecatedLastTimestamp: event.lastTimestamp ?? null,
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
