/** core/v1: the oldest group, split by theme. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, createdAt, text } from '../../table/cells.ts';
import type { KindDefinition } from '../../types.ts';
import { defineKinds } from '../define.ts';
import { defaultLimitRange, validateLimitRange, validateQuota } from '../validation/limits.ts';
import { pathSegmentName } from '../validation/meta.ts';
import { compareQuantities } from '../validation/quantity.ts';
import { configKinds } from './config.ts';
import { eventColumns, eventFields, validateEvent } from './event.ts';
import { nodeKinds } from './node.ts';
import { podKinds } from './pod.ts';
import { serviceKinds } from './service.ts';
import { volumeKinds } from './volume.ts';

const health = (object: KubeObject): Json => object.conditions?.find((each: Json) => each.type === 'Healthy');

export const core: KindDefinition[] = defineKinds('', 'v1', 'io.k8s.api.core.v1', [
  { kind: 'Binding', resource: 'bindings', verbs: ['create'] },
  {
    kind: 'ComponentStatus',
    resource: 'componentstatuses',
    shortNames: ['cs'],
    namespaced: false,
    verbs: ['get', 'list'],
    deprecation: 'v1 ComponentStatus is deprecated in v1.19+',
    columns: [
      text('Status', (object) =>
        health(object)?.status === 'True' ? 'Healthy' : health(object) ? 'Unhealthy' : 'Unknown',
      ),
      text('Message', (object) => health(object)?.message ?? ''),
      text('Error', (object) => health(object)?.error ?? ''),
    ],
  },
  {
    kind: 'Event',
    madeByUpdate: true,
    metaChecks: 'none',
    nameRule: pathSegmentName,
    resource: 'events',
    shortNames: ['ev'],
    selectableFields: eventFields('involvedObject'),
    validate: validateEvent,
    columns: eventColumns('involvedObject'),
  },
  ...configKinds,
  ...nodeKinds,
  ...podKinds,
  ...serviceKinds,
  ...volumeKinds,
  {
    kind: 'LimitRange',
    madeByUpdate: true,
    metaChecks: 'object',
    resource: 'limitranges',
    shortNames: ['limits'],
    defaults: defaultLimitRange,
    validate: validateLimitRange,
    columns: [createdAt],
  },
  {
    kind: 'ResourceQuota',
    warnings: (object, old) => (old === null ? quotaWarnings(object) : []),
    resource: 'resourcequotas',
    shortNames: ['quota'],
    subresources: ['status'],
    prepare: (object, old) => {
      object.status = old?.status ?? {};
    },
    validate: validateQuota,
    columns: [
      text('Request', (object) => quotaText(object, false)),
      text('Limit', (object) => quotaText(object, true)),
      age,
    ],
  },
]);

/** Requests over their limits. */
function quotaWarnings({ spec }: KubeObject): string[] {
  const hard: Record<string, string> = spec?.hard ?? {};
  return ['cpu', 'memory', 'storage', 'ephemeral-storage'].flatMap((name) => {
    const bare = name === 'cpu' || name === 'memory' ? name : undefined;
    const request = [`requests.${name}`, bare].find((each) => each !== undefined && hard[each] !== undefined);
    const limit = `limits.${name}`;
    if (request === undefined || hard[limit] === undefined || compareQuantities(hard[request], hard[limit]) <= 0)
      return [];
    return [`ResourceQuota ${request} (${hard[request]}) should be less than ${limit} (${hard[limit]})`];
  });
}

/** `cpu: 1/2, pods: 0/10`; limits apart from requests, as kubectl shows them. */
function quotaText(
  object: { status?: { hard?: Record<string, string>; used?: Record<string, string> } },
  limits: boolean,
): string {
  const hard = Object.entries(object.status?.hard ?? {}).filter(([name]) => name.startsWith('limits') === limits);
  return hard
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => `${name}: ${object.status?.used?.[name] ?? '0'}/${value}`)
    .join(', ');
}
