/**
 * A pod is resized where it runs only as far as its node could hold it. Source: kube-apiserver's PodResizeValidator (1.36,
 * KEP-1287).
 */
import { podRequests } from '#shared/kubernetes/pod-requests.ts';
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { forbidden, refuse } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';

const OS = 'kubernetes.io/os';
const RESOURCES = [
  ['cpu', 1000],
  ['memory', 1],
] as const;

export function podResizeValidator(store: ObjectStore): AdmissionPlugin {
  const nodes = store.collection('/nodes');
  return {
    name: 'PodResizeValidator',
    matches: (kind, operation, subresource) =>
      kind.group === '' && kind.resource === 'pods' && operation === 'UPDATE' && subresource === 'resize',
    validate: ({ object, old, kind, name }) => {
      const nodeName: string = object?.spec?.nodeName ?? '';
      if (object === null || nodeName === '' || old?.metadata.generation === object.metadata.generation) return;
      const node = nodes.latest(nodeName)?.object;
      if (node === undefined) throw forbidden(kind, name, `node "${nodeName}" not found`);
      const os = node.metadata.labels?.[OS] ?? 'linux';
      const found =
        os === 'linux'
          ? tooLarge(object, node)
          : {
              cause: 'UnsupportedPlatform',
              text: `pod resize is only supported on linux nodes, node "${nodeName}" is "${os}"`,
            };
      if (found === null) return;
      const { message, body } = forbidden(kind, name, found.text);
      throw refuse(403, 'Forbidden', message, { ...body?.details, causes: [{ reason: found.cause }] });
    },
  };
}

function tooLarge(pod: KubeObject, { status }: KubeObject): { cause: string; text: string } | null {
  const requests = podRequests(pod.spec);
  const short = RESOURCES.flatMap(([resource, unit]) => {
    const [wanted, have] = [requests[resource] ?? 0, parseQuantity(status?.allocatable?.[resource] ?? '0')];
    const amounts = `requested: ${Math.round(wanted * unit)}, allocatable: ${Math.round(have * unit)}`;
    return wanted > have + 1e-9 ? [`${resource}, ${amounts}`] : [];
  });
  if (short.length === 0) return null;
  return { cause: 'NodeCapacity', text: `node didn't have enough allocatable resources: ${short.join('; ')}` };
}
