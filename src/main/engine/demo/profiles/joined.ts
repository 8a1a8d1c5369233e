/**
 * Machines that join a simulated cluster beside those of its profile: a Node object with the annotation
 * `demo.fleetdeck/machine` gets a kubelet like any other. Its value says what is not usual about the machine, separated
 * by commas: `cpu=2`, `memory=4` (Gi), `pods=10`, `addresses=1` (how many pods its range has addresses for),
 * `kubelet=v1.20.4`, `ip=192.0.2.7`. Pure.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { fnv1a } from '../sim/random.ts';
import type { ClusterProfile, NodeProfile } from './profile.ts';

export const MACHINE_ANNOTATION = 'demo.fleetdeck/machine';

/** Null for a node that nobody's machine stands behind. */
export function joinedMachine(profile: ClusterProfile, node: KubeObject | undefined): NodeProfile | null {
  const wanted = node?.metadata.annotations?.[MACHINE_ANNOTATION];
  if (node === undefined || wanted === undefined) return null;
  const settings = new Map(
    wanted.split(',').map((part): [string, string] => {
      const [key = '', value = ''] = part.split('=');
      return [key.trim(), value.trim()];
    }),
  );
  const number = (key: string, otherwise: number): number => {
    const value = Number(settings.get(key));
    return Number.isFinite(value) && value > 0 ? value : otherwise;
  };
  const name = node.metadata.name ?? '';
  const place = fnv1a(name);
  const kubelet = settings.get('kubelet');
  return {
    name,
    providerId: '',
    ip:
      settings.get('ip') ??
      `10.${10 + (profile.index % 200)}.${128 + (place % 127)}.${1 + (Math.floor(place / 127) % 254)}`,
    zone: profile.zones[place % profile.zones.length] ?? profile.region,
    machine: { name: 'joined', cpu: number('cpu', 4), memoryGi: number('memory', 16), pods: number('pods', 110) },
    labels: {},
    annotations: {},
    controlPlane: false,
    podCidr: rangeOf(node) ?? `172.${128 + (place % 100)}.${Math.floor(place / 100) % 256}.0/24`,
    addresses: number('addresses', 253),
    ...(kubelet === undefined ? {} : { kubelet }),
  };
}

/** What its registration says, as where nodes have their ranges from outside: `10.1.2.0/24` or `fd00:1:2::/64`. */
function rangeOf({ spec }: KubeObject): string | undefined {
  const range: unknown = spec?.podCIDR;
  return typeof range === 'string' && /^(\d+\.\d+\.\d+\.\d+|[\da-f:]+::)\/\d+$/.test(range) ? range : undefined;
}
