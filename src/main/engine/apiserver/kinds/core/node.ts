/** Node. Source: kubectl's STATUS and ROLES rules. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text, wide } from '../../table/cells.ts';
import type { FieldError } from '../../types.ts';
import type { KindSpec } from '../define.ts';
import { duplicate, forbiddenField, invalidValue, notSupported, required, sameJson } from '../validation/field.ts';
import { labelValue, qualifiedName } from '../validation/meta.ts';

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

const EFFECTS = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];

function validateNode(node: KubeObject, old: KubeObject | null): FieldError[] {
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
    if (seen.has(id)) errors.push(duplicate(at, taint));
    seen.add(id);
  });
  if (old === null) return errors;
  // Who runs a node and which addresses its pods get is decided once.
  if (old.spec?.providerID && node.spec?.providerID !== old.spec.providerID)
    errors.push(forbiddenField('spec.providerID', 'node updates may not change providerID except from "" to valid'));
  if ((old.spec?.podCIDRs ?? []).length > 0 && !sameJson(node.spec?.podCIDRs, old.spec.podCIDRs))
    errors.push(forbiddenField('spec.podCIDRs', 'node updates may not change podCIDR except from "" to valid'));
  return errors;
}

export const nodeKinds: KindSpec[] = [
  {
    kind: 'Node',
    resource: 'nodes',
    shortNames: ['no'],
    namespaced: false,
    subresources: ['proxy', 'status'],
    selectableFields: { 'spec.unschedulable': (node) => String(node.spec?.unschedulable ?? false) },
    statusDefaults: (node) => {
      if (node.status?.capacity && !node.status.allocatable) node.status.allocatable = { ...node.status.capacity };
    },
    validate: validateNode,
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
      wide('Kernel-Version', (node) => info(node, 'kernelVersion'), { from: ['core.NodeSystemInfo', 'kernelVersion'] }),
      wide('Container-Runtime', (node) => info(node, 'containerRuntimeVersion'), {
        from: ['core.NodeSystemInfo', 'containerRuntimeVersion'],
      }),
    ],
  },
];
