import { labelText, selectorMatches } from '../../workloads.ts';
import { serviceRule } from '../families.ts';

/** A workload that is scaled to nothing counts: its Service is there for when it comes back. */
export const serviceSelectsNothing = serviceRule(
  'ServiceSelectsNothing',
  {
    zh: [
      'Service 没有选中任何 Pod',
      '访问该 Service 的请求全部失败。',
      '使 selector 与 Pod 的标签一致；工作负载已下线时删除该 Service。',
    ],
    en: [
      'Service selects no pod',
      'Every request to the Service fails.',
      'Make the selector fit the labels of the pods; delete the Service when its workload is gone.',
    ],
  },
  ({ spec, metadata }, world) => {
    const selector = spec?.selector ?? {};
    if (Object.keys(selector).length === 0 || spec?.type === 'ExternalName') return [];
    const { namespace = '' } = metadata;
    const chosen = { matchLabels: selector };
    const found =
      world.inNamespace('Pod', namespace).some((pod) => selectorMatches(chosen, pod.metadata.labels ?? {})) ||
      world.pods.some(
        ({ object, labels }) => object.metadata.namespace === namespace && selectorMatches(chosen, labels),
      );
    return found ? [] : [{ field: 'spec.selector', evidence: labelText(selector) }];
  },
);
