/**
 * Who owns the fields of what the server makes by itself: the loops of kube-apiserver that write such objects, under the
 * names that they have there. A first start writes dozens of them, all right as they are, so only this is filled in.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { recordUpdate } from '../apply/managed.ts';
import type { KindDefinition } from '../types.ts';

/** Owns what no loop of its own has made. */
export const SERVER_MANAGER = 'kube-apiserver';

const FLOW_CONTROL = 'api-priority-and-fairness-config-producer-v1';
const MAKERS: Readonly<Record<string, string>> = { FlowSchema: FLOW_CONTROL, PriorityLevelConfiguration: FLOW_CONTROL };
/** Who applies the conditions. */
const OBSERVERS: Readonly<Record<string, string>> = {
  FlowSchema: 'api-priority-and-fairness-config-consumer-v1',
  ServiceCIDR: 'kubernetes-service-cidr-controller',
};

/** The object with its owners; `time`: RFC 3339. */
export function withOwners(kind: KindDefinition, object: KubeObject, time: string): KubeObject {
  const { status, ...rest } = object;
  const made: KubeObject = { ...rest, metadata: { ...rest.metadata } };
  recordUpdate(kind, null, made, MAKERS[object.kind] ?? SERVER_MANAGER, '');
  const observer = OBSERVERS[object.kind];
  if (observer !== undefined && status !== undefined) {
    const entry = {
      manager: observer,
      operation: 'Apply',
      apiVersion: object.apiVersion,
      time,
      fieldsType: 'FieldsV1',
      fieldsV1: { 'f:status': { 'f:conditions': conditionFields(status.conditions ?? []) } },
      subresource: 'status',
    };
    made.metadata.managedFields = [entry, ...((made.metadata.managedFields ?? []) as Json[])];
  }
  return status === undefined ? made : { ...made, status };
}

/** What is empty was not applied. */
function conditionFields(conditions: Json[]): Json {
  const fieldsOf = (condition: Json): string[] => Object.keys(condition).filter((name) => condition[name] !== '');
  return Object.fromEntries(
    conditions.map((condition) => [
      `k:${JSON.stringify({ type: condition.type })}`,
      Object.fromEntries(
        [
          '.',
          ...fieldsOf(condition)
            .map((name) => `f:${name}`)
            .sort(),
        ].map((name) => [name, {}]),
      ),
    ]),
  );
}
