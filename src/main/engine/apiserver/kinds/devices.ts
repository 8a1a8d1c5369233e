/** resource.k8s.io/v1: devices of nodes, and claims to them (Dynamic Resource Allocation). Source: API reference. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { validateClaim, validateClaimTemplate, validateDeviceClass } from './validation/devices/claims.ts';
import { validateSlice } from './validation/devices/slices.ts';
import { subdomainName } from './validation/meta.ts';

export const devices: KindDefinition[] = defineKinds('resource.k8s.io', 'v1', 'io.k8s.api.resource.v1', [
  {
    kind: 'DeviceClass',
    resource: 'deviceclasses',
    namespaced: false,
    generation: 'spec',
    // Of a name that is made up, only what comes of it is judged.
    nameRule: (name, prefix) => (prefix ? [] : subdomainName(name)),
    metaChecks: 'both',
    validate: validateDeviceClass,
  },
  {
    kind: 'ResourceClaim',
    resource: 'resourceclaims',
    subresources: ['status'],
    metaChecks: 'both',
    defaults: ({ spec }) => defaultRequests(spec?.devices?.requests),
    prepare: (object, old) => {
      object.status = old?.status ?? {};
    },
    validate: validateClaim,
    columns: [text('State', claimState), age],
  },
  {
    kind: 'ResourceClaimTemplate',
    resource: 'resourceclaimtemplates',
    metaChecks: 'both',
    defaults: ({ spec }) => defaultRequests(spec?.spec?.devices?.requests),
    validate: validateClaimTemplate,
  },
  {
    kind: 'ResourceSlice',
    resource: 'resourceslices',
    namespaced: false,
    generation: 'spec',
    defaults: defaultTaints,
    dropLate: (object) => {
      for (const device of object.spec?.devices ?? []) dropGated(device);
    },
    validate: validateSlice,
    warnings: ({ spec }) => {
      const driver: string = spec?.driver ?? '';
      if (driver === driver.toLowerCase()) return [];
      const shown = JSON.stringify(driver);
      return [`spec.driver: driver names should be lowercase; ${shown} contains uppercase characters`];
    },
    selectableFields: {
      'spec.nodeName': (object) => object.spec?.nodeName ?? '',
      'spec.driver': (object) => object.spec?.driver ?? '',
    },
    columns: [
      text('Node', (object) => object.spec?.nodeName ?? '<unset>'),
      text('Driver', (object) => object.spec?.driver ?? ''),
      text('Pool', (object) => object.spec?.pool?.name ?? ''),
      age,
    ],
  },
]);

function defaultRequests(requests: Json): void {
  for (const request of (requests ?? []) as Json[])
    for (const wanted of [request?.exactly, ...(request?.firstAvailable ?? [])]) {
      if (!wanted) continue;
      wanted.allocationMode ||= 'ExactCount';
      if (wanted.allocationMode === 'ExactCount') wanted.count ||= 1;
      for (const toleration of wanted.tolerations ?? []) toleration.operator ||= 'Equal';
    }
}

function defaultTaints(object: KubeObject): void {
  const now = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  for (const device of (object.spec?.devices ?? []) as Json[])
    for (const taint of device?.taints ?? []) taint.timeAdded ??= now;
}

/** Behind gates that are off by default: attributes with several values, and what a device takes of its node. */
function dropGated(device: Json): void {
  delete device.nodeAllocatableResourceMappings;
  for (const attribute of Object.values((device.attributes ?? {}) as Record<string, Json>))
    for (const list of ['bools', 'ints', 'strings', 'versions']) delete attribute[list];
}

function claimState(object: KubeObject): string {
  const { allocation, reservedFor = [] } = object.status ?? {};
  const states: string[] = [];
  if (object.metadata.deletionTimestamp) states.push('deleted');
  if (!allocation) {
    if (states.length === 0) states.push('pending');
  } else {
    states.push('allocated');
    if (reservedFor.length > 0) states.push('reserved');
  }
  return states.join(',');
}
