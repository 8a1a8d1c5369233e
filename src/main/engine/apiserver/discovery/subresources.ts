/** What discovery says of the part after the slash: kind and verbs. Source: API reference. */
import type { KindDefinition } from '../types.ts';

export interface SubresourceInfo {
  name: string;
  /** Of the subresource's kind; the group version of the resource itself when both are empty. */
  group: string;
  version: string;
  kind: string;
  verbs: string[];
}

const STREAM = ['create', 'get'];
const PROXY = ['create', 'delete', 'get', 'patch', 'update'];
const EDIT = ['get', 'patch', 'update'];

const special: Record<string, Omit<SubresourceInfo, 'name'>> = {
  'namespaces/finalize': { group: '', version: '', kind: 'Namespace', verbs: ['update'] },
  'nodes/proxy': { group: '', version: '', kind: 'NodeProxyOptions', verbs: PROXY },
  'pods/attach': { group: '', version: '', kind: 'PodAttachOptions', verbs: STREAM },
  'pods/binding': { group: '', version: '', kind: 'Binding', verbs: ['create'] },
  'pods/eviction': { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  'pods/exec': { group: '', version: '', kind: 'PodExecOptions', verbs: STREAM },
  'pods/log': { group: '', version: '', kind: 'Pod', verbs: ['get'] },
  'pods/portforward': { group: '', version: '', kind: 'PodPortForwardOptions', verbs: STREAM },
  'pods/proxy': { group: '', version: '', kind: 'PodProxyOptions', verbs: PROXY },
  'serviceaccounts/token': { group: 'authentication.k8s.io', version: 'v1', kind: 'TokenRequest', verbs: ['create'] },
  'services/proxy': { group: '', version: '', kind: 'ServiceProxyOptions', verbs: PROXY },
};

export function subresourcesOf(kind: KindDefinition): SubresourceInfo[] {
  return kind.subresources.map((name) => {
    if (name === 'scale') return { name, group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: EDIT };
    if (name === 'proxy' && kind.custom !== undefined)
      return { name, group: '', version: '', kind: `${kind.kind}ProxyOptions`, verbs: PROXY };
    const known = kind.custom === undefined ? special[`${kind.resource}/${name}`] : undefined;
    return known === undefined ? { name, group: '', version: '', kind: kind.kind, verbs: EDIT } : { name, ...known };
  });
}
