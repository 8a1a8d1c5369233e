/** Node. Source: kubectl's STATUS and ROLES rules. */

import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text, wide } from '../../table/cells.ts';
import type { FieldError } from '../../types.ts';
import type { KindSpec } from '../define.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required, sameJson } from '../validation/field.ts';
import { labelValue, qualifiedName } from '../validation/meta.ts';
import { isCidr, validateCidr } from '../validation/net.ts';
import { compareQuantities, milliOf } from '../validation/quantity.ts';
import { COUNTED, isExtended } from '../validation/resource-names.ts';
import { cidrWarnings } from '../warnings/addresses.ts';

const ROLE_PREFIX = 'node-role.kubernetes.io/';
const OLD_ROLE = 'kubernetes.io/role';

function status(node: KubeObject): string {
  const parts: string[] = [];
  const ready = (node.status?.conditions ?? []).find((each: Json) => each.type === 'Ready');
  if (ready) parts.push(ready.status === 'True' ? 'Ready' : 'NotReady');
  if (parts.length === 0) parts.push('Unknown');
  if (node.spec?.unschedulable) parts.push('SchedulingDisabled');
  return parts.join(',');
}

function roles(node: KubeObject): string {
  const found = new Set<string>();
  for (const [key, value] of Object.entries(node.metadata.labels ?? {})) {
    if (key.startsWith(ROLE_PREFIX) && key.length > ROLE_PREFIX.length) found.add(key.slice(ROLE_PREFIX.length));
    else if (key === OLD_ROLE && value !== '') found.add(value);
  }
  return found.size === 0 ? '<none>' : [...found].sort().join(',');
}

const address = (node: KubeObject, type: string): string =>
  (node.status?.addresses ?? []).find((each: Json) => each.type === type)?.address ?? '<none>';
const info = (node: KubeObject, field: string): string => node.status?.nodeInfo?.[field] || '<unknown>';

/** With the architecture, where it is known. */
function kernelOf(node: KubeObject): string {
  const architecture = node.status?.nodeInfo?.architecture;
  return `${info(node, 'kernelVersion')}${architecture ? ` (${architecture})` : ''}`;
}

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

/** A write of the node itself is judged as an object and as a change, and clients see both causes. */
function validateNode(node: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  const taints = validateTaints(node);
  const errors = [...taints, ...(old !== null && subresource === '' ? taints : [])];
  return [...errors, ...validateRest(node, old)];
}

function validateTaints(node: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const seen = new Set<string>();
  ((node.spec?.taints ?? []) as Json[]).forEach((taint, index) => {
    const at = `metadata.taints[${index}]`;
    for (const detail of qualifiedName(taint.key ?? ''))
      errors.push(invalidValue(`${at}.key`, taint.key ?? '', detail));
    for (const detail of labelValue(taint.value ?? ''))
      errors.push(invalidValue(`${at}.value`, taint.value ?? '', detail));
    if (!taint.effect) errors.push(required(`${at}.effect`));
    else if (!EFFECTS.includes(taint.effect)) errors.push(notSupported(`${at}.effect`, taint.effect, EFFECTS));
    const id = `${taint.key}:${taint.effect}`;
    if (seen.has(id)) {
      const { key, value = '', effect, timeAdded = null } = taint;
      const { type, message } = duplicate(at, { Key: key, Value: value, Effect: effect, TimeAdded: timeAdded });
      errors.push({ type, field: at, message: `${message}: taints must be unique by key and effect pair` });
    }
    seen.add(id);
  });
  return errors;
}

/** One range, or one of each family. */
function validateFamilies(ranges: string[], at: string): FieldError[] {
  if (ranges.length < 2) return [];
  const wrong = ranges.findIndex((range) => !isCidr(range));
  const text = `invalid PodCIDRs. failed to check with dual stack with error:invalid CIDR[${wrong}]: <nil> (invalid CIDR address: ${ranges[wrong]})`;
  const errors: FieldError[] =
    wrong < 0 ? [] : [{ type: 'InternalError', field: at, message: `Internal error: ${text}` }];
  const dual = wrong < 0 && new Set(ranges.map((range) => range.includes(':'))).size === 2;
  if (dual && ranges.length === 2) return errors;
  return [...errors, invalidValue(at, ranges, 'may specify no more than one CIDR for each IP family')];
}

function validateRest(node: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  const ranges: string[] = node.spec?.podCIDRs ?? [];
  ranges.forEach((range, index) => {
    errors.push(...validateCidr(range, `spec.podCIDRs[${index}]`));
  });
  errors.push(...validateFamilies(ranges, 'spec.podCIDRs'));
  for (const field of ['capacity', 'allocatable'])
    for (const [name, quantity] of Object.entries((node.status?.[field] ?? {}) as Record<string, string>)) {
      const at = `status.${field}.${name}`;
      if (compareQuantities(quantity, '0') < 0)
        errors.push(invalidValue(at, quantity, 'must be greater than or equal to 0'));
      if ((isExtended(name) || COUNTED.includes(name)) && milliOf(quantity) % 1000n !== 0n)
        errors.push(invalidValue(at, quantity, 'must be an integer'));
    }
  if (old === null) return errors;
  const addresses = ((node.status?.addresses ?? []) as Json[]).map(({ type = '', address = '' }) => [type, address]);
  addresses.forEach(([type, address], index) => {
    const first = addresses.findIndex((each) => each[0] === type && each[1] === address);
    if (first < index) errors.push(duplicate(`status.addresses[${index}]`, { Type: type, Address: address }));
  });
  // Who runs a node and which addresses its pods get is decided once.
  if ((old.spec?.podCIDRs ?? []).length > 0 && !sameJson(node.spec?.podCIDRs, old.spec.podCIDRs))
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  if (old.spec?.providerID && node.spec?.providerID !== old.spec.providerID)
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if ((node.spec?.externalID ?? '') !== (old.spec?.externalID ?? ''))
    errors.push(forbiddenField('spec.externalID', 'may not be updated'));
  return errors;
}

export const nodeKinds: KindSpec[] = [
  {
    kind: 'Node',
    metaChecks: 'both',
    resource: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['proxy', 'status'],
    selectableFields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
    statusDefaults: (node) => {
      if (node.status?.capacity && !node.status.allocatable) node.status.allocatable = { ...node.status.capacity };
      const { podCIDR, podCIDRs = [] } = node.spec ?? {};
      // The one range of older clients is the first of the list.
      if (podCIDR && podCIDR !== podCIDRs[0]) node.spec.podCIDRs = [podCIDR];
      else if (!podCIDR && podCIDRs.length > 0) node.spec.podCIDR = podCIDRs[0];
    },
    // What is removed from the product is dropped.
    prepare: (node, old) => {
      if (!old?.spec?.configSource) delete node.spec?.configSource;
      if (old === null) delete node.status?.config;
    },
    validate: validateNode,
    warnings: ({ spec }) => [
      ...(spec?.configSource ? ['spec.configSource: the feature is removed'] : []),
      ...(spec?.externalID ? ['spec.externalID: this field is deprecated, and is unused by Kubernetes'] : []),
      ...((spec?.podCIDRs ?? []) as string[]).flatMap((range, index) => cidrWarnings(range, `spec.podCIDRs[${index}]`)),
    ],
    columns: [
      text('Status', status, { description: 'The status of the node' }),
      text('Roles', roles, { description: 'The roles of the node' }),
      age,
      text('Version', (node) => node.status?.nodeInfo?.kubeletVersion ?? '', {
        from: ['core.NodeSystemInfo', 'kubeletVersion'],
      }),
      wide('Internal-IP', (node) => address(node, 'InternalIP'), { from: ['core.NodeStatus', 'addresses'] }),
      wide('External-IP', (node) => address(node, 'ExternalIP'), { from: ['core.NodeStatus', 'addresses'] }),
      wide('OS-Image', (node) => info(node, 'osImage'), { from: ['core.NodeSystemInfo', 'osImage'] }),
      wide('Kernel-Version', kernelOf, { from: ['core.NodeSystemInfo', 'kernelVersion'] }),
      wide('Container-Runtime', (node) => info(node, 'containerRuntimeVersion'), {
        from: ['core.NodeSystemInfo', 'containerRuntimeVersion'],
      }),
    ],
  },
];
