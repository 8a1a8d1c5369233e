import { said } from '#shared/inspection-evidence.ts';
import type { PodSubject } from '../../types.ts';
import { allContainers, selectorMatches } from '../../workloads.ts';
import { serviceRule } from '../families.ts';

function portNames(pod: PodSubject): string[] {
  return allContainers(pod).flatMap(({ container }) =>
    ((container.ports ?? []) as { name?: string }[]).flatMap(({ name }) => name ?? []),
  );
}

/** Ports by number need not be declared; names must be. */
export const serviceTargetPortMissing = serviceRule(
  'ServiceTargetPortMissing',
  {
    severity: 'danger',
    zh: [
      'Service 的目标端口不存在',
      '按名称引用的端口在 Pod 中不存在，该端口没有任何后端。',
      '使 targetPort 与容器的端口名称一致。',
    ],
    en: [
      'Target port of the Service is missing',
      'The port that the Service names exists in none of its pods: it leads nowhere.',
      'Make targetPort the name of a port of the container.',
    ],
  },
  ({ spec, metadata }, world) => {
    const selector = spec?.selector ?? {};
    if (Object.keys(selector).length === 0) return [];
    const behind = world.pods.filter(
      ({ object, labels }) =>
        object.metadata.namespace === metadata.namespace && selectorMatches({ matchLabels: selector }, labels),
    );
    if (behind.length === 0) return [];
    const names = new Set(behind.flatMap(portNames));
    return ((spec?.ports ?? []) as { targetPort?: unknown }[]).flatMap(({ targetPort }, index) =>
      typeof targetPort === 'string' && !names.has(targetPort)
        ? [{ field: `spec.ports[${index}].targetPort`, evidence: said('noPortNamed', { port: targetPort }) }]
        : [],
    );
  },
);
