/**
 * Who owns the fields of what the server makes by itself: the loops of kube-apiserver that write such objects, under the
 * names that they have there. What every write goes through would say the same; a start should not have to read all
 * schemas for a few dozen objects of known shape.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isRecord } from '../json.ts';

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
export function withOwners(object: KubeObject, time: string): KubeObject {
  const { apiVersion, kind, metadata, status, ...content } = object;
  const { labels, annotations } = metadata;
  const own =
    labels === undefined && annotations === undefined ? content : { metadata: { labels, annotations }, ...content };
  const entry = (manager: string, operation: string, fieldsV1: Json, more = {}): Json => ({
    manager,
    operation,
    apiVersion,
    time,
    fieldsType: 'FieldsV1',
    fieldsV1,
    ...more,
  });
  const managedFields = [entry(MAKERS[kind] ?? SERVER_MANAGER, 'Update', fieldsOf(own))];
  const observer = OBSERVERS[kind];
  if (observer !== undefined && status !== undefined) {
    const fields = { 'f:status': { 'f:conditions': conditionFields(status.conditions ?? []) } };
    managedFields.unshift(entry(observer, 'Apply', fields, { subresource: 'status' }));
  }
  return { ...object, metadata: { ...metadata, managedFields } };
}

/** Parts that are not there until somebody sets them, and so are owned as such. */
const OWNED_AS_SUCH = new Set([
  'annotations',
  'data',
  'distinguisherMethod',
  'exempt',
  'labels',
  'limitResponse',
  'limited',
  'parentRef',
  'queuing',
]);

/** Lists have one owner, and no item of them another. */
function fieldsOf(value: Json): Json {
  const names = Object.keys(value).filter((name) => value[name] !== undefined);
  return Object.fromEntries(
    names.sort().map((name) => {
      const below = isRecord(value[name]) ? fieldsOf(value[name]) : {};
      return [`f:${name}`, OWNED_AS_SUCH.has(name) ? { '.': {}, ...below } : below];
    }),
  );
}

/** What is empty was not applied. */
function conditionFields(conditions: Json[]): Json {
  const names = (condition: Json): string[] => Object.keys(condition).filter((name) => condition[name] !== '');
  return Object.fromEntries(
    conditions.map((condition) => [
      `k:${JSON.stringify({ type: condition.type })}`,
      Object.fromEntries(['.', ...names(condition).map((name) => `f:${name}`)].sort().map((name) => [name, {}])),
    ]),
  );
}
