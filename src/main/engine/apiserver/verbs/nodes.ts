/** What is said when a pod's node has to be asked and nothing stands behind this server. Texts of kube-apiserver. */
import type { Core } from '../core.ts';
import { collectionOf } from '../core.ts';
import { internal, notFound } from '../status.ts';
import type { KindDefinition } from '../types.ts';

const KUBELET_PORT = 10250;

/** `asking`: the kind whose request it is, for a node that is not there. `what`: the path at the kubelet, or empty for connections that are upgraded. */
export function unreachableNode(core: Core, asking: KindDefinition, name: string, what = ''): Error {
  const kind = core.registry.find('', 'v1', 'nodes')!;
  const node = collectionOf(core, kind).items.get(name)?.object;
  if (node === undefined) return notFound(asking, name);
  const addresses = (node.status?.addresses ?? []) as { type: string; address: string }[];
  const address = addresses.find(({ type }) => type === 'InternalIP')?.address ?? addresses[0]?.address;
  if (address === undefined) return internal('no preferred addresses found; known addresses: []');
  const port = node.status?.daemonEndpoints?.kubeletEndpoint?.Port ?? KUBELET_PORT;
  const refused = `dial tcp ${address}:${port}: connect: connection refused`;
  return internal(
    what === '' ? `error dialing backend: ${refused}` : `Get "https://${address}:${port}/${what}": ${refused}`,
  );
}
