/** Figures behind the scheduler's reasons: room on nodes, labels that nearly match, who has the port. Pure. */

import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, computed, field } from '../hits.ts';
import { isOver, selects } from '../pods.ts';
import type { Evidence, Hit, Param } from '../types.ts';
import type { World } from '../world.ts';
import { nodeReadiness } from './node-readiness.ts';

interface Explained {
  params: Record<string, Param>;
  evidence: Evidence[];
}

const SHOWN = 5;

/** Requests as the scheduler counts them: containers and sidecars together, or the largest init container. */
export function requestOf(pod: KubeObject, resource: string): number {
  const of = (container: Json): number => {
    const { requests, limits } = container?.resources ?? {};
    return parseQuantity(requests?.[resource] ?? limits?.[resource]);
  };
  let sidecars = 0;
  let largest = 0;
  for (const container of pod.spec?.initContainers ?? []) {
    if (container?.restartPolicy === 'Always') sidecars += of(container);
    else largest = Math.max(largest, sidecars + of(container));
  }
  const together = sidecars + (pod.spec?.containers ?? []).reduce((sum: number, one: Json) => sum + of(one), 0);
  return Math.max(largest, together) + parseQuantity(pod.spec?.overhead?.[resource]);
}

export function shown(value: number, resource: string): string {
  if (resource === 'cpu') return value < 1 ? `${Math.round(value * 1000)}m` : `${Math.round(value * 100) / 100}`;
  if (!/memory|storage|hugepages/.test(resource)) return String(value);
  return value >= 2 ** 30 ? `${(value / 2 ** 30).toFixed(1)}Gi` : `${Math.round(value / 2 ** 20)}Mi`;
}

export function roomOf(pod: KubeObject, resource: string, world: World): Explained {
  const wanted = requestOf(pod, resource);
  const asked = world.all('Node').filter((node) => isAskedFor(pod, node));
  const open = asked.filter(
    ({ spec }) => spec?.unschedulable !== true && !(spec?.taints ?? []).some((taint: Json) => keepsAway(pod, taint)),
  );
  // Room on nodes that the pod rules out, or that rule out the pod, does not help it.
  const room = (open.length > 0 ? open : asked.length > 0 ? asked : world.all('Node'))
    .map((node) => {
      const allocatable = parseQuantity(node.status?.allocatable?.[resource]);
      const used = world
        .onNode(node.metadata.name ?? '')
        .filter((other) => !isOver(other))
        .reduce((sum, other) => sum + requestOf(other, resource), 0);
      return { node, allocatable, used, free: allocatable - used };
    })
    .sort((a, b) => b.free - a.free);
  const largest = Math.max(0, ...room.map(({ allocatable }) => allocatable));
  const [best] = room;
  return {
    params: {
      request: shown(wanted, resource),
      node: best?.node.metadata.name ?? '-',
      free: shown(Math.max(0, best?.free ?? 0), resource),
      never: wanted > largest ? ` (> allocatable ${shown(largest, resource)})` : '',
    },
    evidence: room
      .slice(0, SHOWN)
      .map(({ node, allocatable, used, free }) =>
        computed(
          node,
          resource,
          both(
            `可分配 ${shown(allocatable, resource)}，已申请 ${shown(used, resource)}，剩余 ${shown(free, resource)}`,
            `allocatable ${shown(allocatable, resource)}, requested ${shown(used, resource)}, free ${shown(free, resource)}`,
          ),
        ),
      ),
  };
}

const SET_BY: readonly (readonly [RegExp, string])[] = [
  [/node\.kubernetes\.io\/(not-ready|unreachable|network-unavailable)/, 'node-lifecycle-controller'],
  [/-pressure$/, 'kubelet'],
  [/unschedulable/, 'kubectl cordon'],
  [/node-role\.kubernetes\.io\//, 'control-plane'],
  [/uninitialized/, 'cloud-controller-manager'],
];

const CORDON_TAINT = 'node.kubernetes.io/unschedulable';

/** Whether the taint keeps the pod from being placed. */
function keepsAway(pod: KubeObject, taint: Json): boolean {
  return (
    taint.effect !== 'PreferNoSchedule' &&
    !(pod.spec?.tolerations ?? []).some(
      (one: Json) =>
        (one.key === undefined || one.key === taint.key) &&
        (one.effect ?? taint.effect) === taint.effect &&
        (one.operator === 'Exists' || (one.value ?? '') === (taint.value ?? '')),
    )
  );
}

export function taintOf(
  reason: string,
  pod: KubeObject,
  world: World,
): Explained & { nodes: KubeObject[]; because: Hit[] } {
  // Newer schedulers do not say which: then it is one of a node that the pod asks for; a cordon is a reason of its own.
  const key = /taints? ?\{([^:}]+)/.exec(reason)?.[1]?.trim();
  const refuses = (taint: Json): boolean =>
    keepsAway(pod, taint) && (key === undefined ? taint.key !== CORDON_TAINT : taint.key === key);
  const tainted = world
    .all('Node')
    .filter((node) => (key !== undefined || isAskedFor(pod, node)) && (node.spec?.taints ?? []).some(refuses));
  const taint = tainted.flatMap((node) => node.spec.taints as Json[]).find(refuses);
  const text =
    taint === undefined ? (key ?? reason) : `${taint.key}${taint.value ? `=${taint.value}` : ''}:${taint.effect}`;
  return {
    params: { taint: text, by: SET_BY.find(([pattern]) => pattern.test(text))?.[1] ?? 'spec.taints' },
    evidence: tainted.slice(0, SHOWN).map((node) => field(node, 'spec.taints')),
    nodes: tainted,
    because: tainted.flatMap((node) => nodeReadiness(node, world)),
  };
}

/** What the pod asks of a node, in one line. */
export function wishesOf(pod: KubeObject): string {
  const plain = Object.entries(pod.spec?.nodeSelector ?? {}).map(([key, value]) => `${key}=${value}`);
  const terms: Json[] =
    pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  const affinity = terms.map((term) =>
    [...(term.matchExpressions ?? []), ...(term.matchFields ?? [])]
      .map(({ key, operator, values }: Json) => `${key} ${operator} ${values ?? ''}`.trim())
      .join(' && '),
  );
  return [...plain, affinity.join(' || ')].filter((text) => text !== '').join(', ');
}

/** Whether node selector and required affinity of the pod hold for the node. */
export function isAskedFor(pod: KubeObject, node: KubeObject): boolean {
  const labels = node.metadata.labels ?? {};
  if (!Object.entries(pod.spec?.nodeSelector ?? {}).every(([key, value]) => labels[key] === value)) return false;
  const terms: Json[] | undefined =
    pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  if (terms === undefined) return true;
  return terms.some(
    ({ matchExpressions = [], matchFields = [] }) =>
      matchExpressions.length + matchFields.length > 0 &&
      selects({ matchExpressions }, labels) &&
      selects({ matchExpressions: matchFields }, { 'metadata.name': node.metadata.name ?? '' }),
  );
}

/** The node that lacks the fewest of the labels asked for, and which those are. */
export function closestNode(pod: KubeObject, world: World): Explained {
  const wanted: [string, (value: string | undefined) => boolean, string][] = Object.entries(
    (pod.spec?.nodeSelector ?? {}) as Record<string, string>,
  ).map(([key, value]) => [key, (found) => found === value, value]);
  const [term] =
    pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  for (const { key, operator, values = [] } of term?.matchExpressions ?? [])
    wanted.push([
      key,
      (found) =>
        selects({ matchExpressions: [{ key, operator, values }] }, found === undefined ? {} : { [key]: found }),
      `${operator} ${values}`,
    ]);
  const ranked = world
    .all('Node')
    .map((node) => ({ node, lacks: wanted.filter(([key, fits]) => !fits(node.metadata.labels?.[key])) }))
    .sort((a, b) => a.lacks.length - b.lacks.length);
  const [best] = ranked;
  const closest = (best?.lacks ?? []).map(
    ([key, , value]) => `${key}=${best?.node.metadata.labels?.[key] ?? '(none)'} ≠ ${value}`,
  );
  return {
    params: { node: best?.node.metadata.name ?? '-', closest: closest.join(', ') || '-' },
    evidence: best === undefined ? [] : [computed(best.node, 'metadata.labels', closest.join(', '))],
  };
}

function termText(term: Json): string {
  const labels = Object.entries(term?.labelSelector?.matchLabels ?? {}).map(([key, value]) => `${key}=${value}`);
  const expressions = (term?.labelSelector?.matchExpressions ?? []).map(
    ({ key, operator, values }: Json) => `${key} ${operator} ${values ?? ''}`,
  );
  return `${[...labels, ...expressions].join(', ')} @ ${term?.topologyKey}`;
}

export function affinityOf(pod: KubeObject): string {
  const terms: Json[] = pod.spec?.affinity?.podAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return terms.map(termText).join('; ');
}

export function antiAffinityOf(pod: KubeObject): { wanted: string; topology: string } {
  const terms: Json[] = pod.spec?.affinity?.podAntiAffinity?.requiredDuringSchedulingIgnoredDuringExecution ?? [];
  return {
    wanted: terms.map(termText).join('; '),
    topology: String(terms[0]?.topologyKey ?? 'kubernetes.io/hostname'),
  };
}

export function spreadOf(pod: KubeObject, world: World): Explained {
  const constraint: Json = (pod.spec?.topologySpreadConstraints ?? []).find(
    (one: Json) => one?.whenUnsatisfiable !== 'ScheduleAnyway',
  );
  if (constraint === undefined) return { params: { wanted: '-', counts: '-' }, evidence: [] };
  const key = String(constraint.topologyKey);
  const counts = new Map<string, number>();
  let unlabelled = 0;
  for (const node of world.all('Node')) {
    const domain = node.metadata.labels?.[key];
    if (domain === undefined) {
      unlabelled += 1;
      continue;
    }
    const matching = world
      .onNode(node.metadata.name ?? '')
      .filter(
        (other) =>
          other.metadata.namespace === pod.metadata.namespace &&
          selects(constraint.labelSelector, other.metadata.labels),
      );
    counts.set(domain, (counts.get(domain) ?? 0) + matching.length);
  }
  const domains = [...counts].map(([domain, count]) => `${domain}: ${count}`);
  const text =
    unlabelled === 0
      ? domains.join(', ')
      : both(
          [...domains, `（没有标签 ${key}）：${unlabelled} 个节点`].join(', '),
          [...domains, `(no label ${key}): ${unlabelled} node(s)`].join(', '),
        );
  return {
    params: { wanted: `${key} maxSkew=${constraint.maxSkew}`, counts: text },
    evidence: [field(pod, 'spec.topologySpreadConstraints'), computed(pod, key, text)],
  };
}

export function portOf(pod: KubeObject, world: World): Explained {
  const ports = hostPorts(pod);
  const owner = world
    .all('Pod')
    .find(
      (other) =>
        other !== pod &&
        other.spec?.nodeName &&
        !isOver(other) &&
        hostPorts(other).some((port) => ports.includes(port)),
    );
  return {
    params: {
      port: ports.join(', '),
      owner: owner === undefined ? '?' : `${owner.metadata.namespace}/${owner.metadata.name}`,
    },
    evidence: owner === undefined ? [] : [field(owner, 'spec.containers', hostPorts(owner).join(', '))],
  };
}

function hostPorts(pod: KubeObject): string[] {
  return (pod.spec?.containers ?? []).flatMap((container: Json) =>
    (container?.ports ?? [])
      .filter((port: Json) => Number(port?.hostPort ?? 0) > 0)
      .map((port: Json) => `${port.hostPort}/${port.protocol ?? 'TCP'}`),
  );
}
