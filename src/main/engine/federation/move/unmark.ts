/** Takes the federation's name off what it managed in a member: who manages it from now on has another one, or none. */
import { apiVersionOf } from '#shared/kubernetes/types.ts';
import { isNotFound, type KubeClient } from '../../kube/index.ts';
import { WORKS, type Work } from '../api.ts';
import { MANAGED_BY } from '../management/lease.ts';
import { executionNamespace } from '../naming.ts';

const WITHOUT = { metadata: { annotations: { [MANAGED_BY]: null } } };

/** @param source the control plane whose Works say what the member got */
export async function unmark(source: KubeClient, cluster: string, member: KubeClient, id: string): Promise<void> {
  const kinds = new Map((await member.resources()).map((info) => [`${apiVersionOf(info)} ${info.kind}`, info]));
  const works = await source.list<Work>(WORKS, { namespace: executionNamespace(cluster) });
  for (const { spec } of works.items)
    for (const { apiVersion, kind, metadata } of spec.workload.manifests ?? []) {
      const ref = kinds.get(`${apiVersion} ${kind}`);
      const { namespace, name = '' } = metadata;
      if (ref === undefined) continue;
      const live = await member.find(ref, name, { namespace });
      if (live?.metadata.annotations?.[MANAGED_BY] !== id) continue;
      await member.patch(ref, name, 'merge', WITHOUT, { namespace }).catch((error: unknown) => {
        if (!isNotFound(error)) throw error;
      });
    }
}
