/**
 * Pods without a node. The scheduler's own sentence is taken apart (by the beginnings of its reasons, which have changed
 * between versions) and every reason is explained with the figures of this cluster.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, event, field, hit, kubectl, patchOf, sh } from '../hits.ts';
import { ageOf, claimNames, condition, isOver, workloadOf } from '../pods.ts';
import type { Check, Evidence, Hit } from '../types.ts';
import type { World } from '../world.ts';
import {
  affinityOf,
  antiAffinityOf,
  closestNode,
  isAskedFor,
  portOf,
  roomOf,
  spreadOf,
  taintOf,
  wishesOf,
} from './placement.ts';
import { claimCheck } from './volumes.ts';

export interface SchedulerReason {
  count: number;
  text: string;
}

/**
 * `0/3 nodes are available: 1 Insufficient cpu, 2 node(s) were unschedulable. preemption: ...`; what plugins tried afterwards
 * follows the reasons, each in words of its own (`no new claims to deallocate`).
 */
export function parseUnschedulable(message: string): SchedulerReason[] {
  const [before = ''] = message.split(/\.?\s*preemption:/);
  // Of words of another scheduler, commas are its own.
  if (!/^\d+\/\d+ nodes? (are|is) available/.test(before) && before.trim() !== '')
    return [{ count: 0, text: before.trim().replace(/\.$/, '') }];
  const reasons = before
    .replace(/^\d+\/\d+ nodes? (are|is) available:?\s*/, '')
    .replace(/\. (?!\d+ ).*$/s, '')
    .replace(/\.\s*$/, '');
  return reasons
    .split(/, (?=\d+ )|\. (?=\d+ )/)
    .map((part) => {
      const match = /^(\d+) (.*)$/s.exec(part.trim());
      return match === null ? { count: 0, text: part.trim() } : { count: Number(match[1]), text: match[2] ?? '' };
    })
    .filter(({ text }) => text !== '');
}

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/^Insufficient cpu/, 'P-CPU'],
  [/^Insufficient memory/, 'P-MEM'],
  [/^Insufficient ephemeral-storage/, 'P-EPH'],
  [/^Insufficient /, 'P-EXT'],
  [/^Too many pods/, 'P-MAXPODS'],
  [/^node\(s\) had (untolerated )?taint/, 'P-TAINT'],
  [/^node\(s\) were unschedulable/, 'P-CORDON'],
  [/didn't match Pod's node affinity|didn't match node selector|didn't match the requested node name/, 'P-AFF'],
  [/didn't match pod topology spread constraints/, 'P-SPREAD'],
  [/didn't match pod anti-affinity|didn't satisfy existing pods anti-affinity/, 'P-PANTI'],
  [/didn't match pod affinity/, 'P-PAFF'],
  [/didn't have free ports/, 'P-PORT'],
  [
    /had volume node affinity conflict|didn't match PersistentVolume's node affinity|had no available volume zone/,
    'P-VOLAFF',
  ],
  [/exceed max volume count|PersistentVolumeClaim with ReadWriteOncePod/i, 'P-VOLMAX'],
  [/cannot allocate all claims|resourceclaim|resource claim/i, 'P-DRA'],
  [
    /persistent volumes to bind|unbound immediate PersistentVolumeClaims|persistentvolumeclaim "|bound to non-existent|enough free storage|waiting for ephemeral volume/,
    'P-VOLBIND',
  ],
  [/^no nodes available/, 'P-NONODE'],
];

export function classifyReason(text: string): string {
  return REASONS.find(([pattern]) => pattern.test(text))?.[1] ?? 'P-UNSCHED';
}

/** Taints that controllers set while a node is in trouble. */
const TROUBLE =
  /node\.kubernetes\.io\/(not-ready|unreachable|memory-pressure|disk-pressure|pid-pressure|network-unavailable)|cloudprovider\.kubernetes\.io\/uninitialized/;
const YOUNG_SECONDS = 30;
const UNSEEN_SECONDS = 60;

export const schedulingCheck: Check = {
  id: 'scheduling',
  title: { zh: '调度', en: 'Scheduling' },
  needs: ['Event', 'Node'],
  looked(pod) {
    const scheduled = condition(pod, 'PodScheduled');
    return [
      ...(scheduled === undefined
        ? []
        : [field(pod, scheduled.path, `PodScheduled=${scheduled.status}`, scheduled.since)]),
      field(pod, 'spec.nodeName', pod.spec?.nodeName ?? ''),
    ];
  },
  run(pod, world) {
    if (isOver(pod)) return [];
    if (pod.spec?.nodeName) return [];
    const scheduled = condition(pod, 'PodScheduled');
    const gates: Json[] = pod.spec?.schedulingGates ?? [];
    if (scheduled?.reason === 'SchedulingGated' || gates.length > 0) {
      return [
        hit('P-GATE', pod, {
          params: { gates: gates.map(({ name }) => name).join(', ') },
          evidence: [field(pod, 'spec.schedulingGates')],
          commands: [kubectl('get', pod, '-o', "jsonpath='{.spec.schedulingGates}'")],
        }),
      ];
    }
    const failed = world.events(pod).find(({ reason }) => reason === 'FailedScheduling');
    const message = scheduled?.status === 'False' ? scheduled.message : (failed?.message ?? '');
    // Nobody has to find a place for what is to go.
    const late = ageOf(pod, world.now) >= UNSEEN_SECONDS && pod.metadata.deletionTimestamp === undefined;
    if (message === '') return late ? [unseen(pod, world)] : [];
    if (failed === undefined && ageOf(pod, world.now) < YOUNG_SECONDS && scheduled === undefined) return [];
    const evidence: Evidence[] = [
      ...(scheduled === undefined
        ? []
        : [field(pod, scheduled.path, `${scheduled.reason}: ${message}`, scheduled.since)]),
      ...(failed === undefined ? [] : [event(pod, failed)]),
    ];
    return judge(pod, message, evidence, world);
  },
};

function judge(pod: KubeObject, message: string, evidence: Evidence[], world: World): Hit[] {
  const reasons = parseUnschedulable(message);
  const nominated: string | undefined = pod.status?.nominatedNodeName;
  const hits = reasons.map((reason, index) =>
    explain(pod, reason, index === 0 ? evidence : evidence.slice(0, 1), world),
  );
  const total = Number(/^0\/(\d+) nodes/.exec(message)?.[1] ?? 0);
  if (nominated !== undefined && nominated !== '')
    hits.push(
      hit('P-PREEMPT', pod, {
        params: { node: nominated, reason: `nominatedNodeName=${nominated}` },
        verdict: 'warning',
        evidence: [field(pod, 'status.nominatedNodeName')],
      }),
    );
  // Nodes that the pod itself rules out are not the trouble while there are others that it asks for: the scheduler looks at
  // room, ports and volumes only where selector and affinity match.
  const wanted = wantedNodes(pod, world);
  const chosen =
    wanted.length > 0 || hits.some(({ cause }) => !['P-AFF', 'P-TAINT', 'P-CORDON', 'P-PREEMPT'].includes(cause));
  // A taint that is there on purpose, or trouble of fewer nodes than another reason keeps away, is not what to mend first.
  const share = (index: number): number => (total === 0 ? 0 : (reasons[index]?.count ?? 0) / total);
  const onPurpose = ({ cause, params }: Hit): boolean =>
    (cause === 'P-TAINT' && !TROUBLE.test(String(params.taint)) && !wanted.some((node) => hasTaint(node, params))) ||
    (cause === 'P-CORDON' && !wanted.some((node) => node.spec?.unschedulable === true)) ||
    (chosen && cause === 'P-AFF');
  const most = Math.max(0, ...hits.map((one, index) => (onPurpose(one) ? 0 : share(index))));
  return hits.map((one, index) => {
    const minor = most > 0 && (onPurpose(one) || share(index) < most);
    return minor ? { ...one, verdict: 'warning', confidence: 'medium' } : one;
  });
}

/** Nodes that a pod with a selector or an affinity asks for: what is wrong with these is what keeps it waiting. */
function wantedNodes(pod: KubeObject, world: World): KubeObject[] {
  const required = pod.spec?.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  if (required === undefined && Object.keys(pod.spec?.nodeSelector ?? {}).length === 0) return [];
  return world.all('Node').filter((node) => isAskedFor(pod, node));
}

function hasTaint(node: KubeObject, { taint }: Hit['params']): boolean {
  const key = String(taint).split(/[:=]/)[0];
  return (node.spec?.taints ?? []).some((one: Json) => one.key === key);
}

function explain(pod: KubeObject, reason: SchedulerReason, evidence: Evidence[], world: World): Hit {
  const cause = classifyReason(reason.text);
  const nodes = reason.count === 0 ? '' : `${reason.count} × `;
  const said = { reason: reason.text, counts: `${nodes}${reason.text}` };
  const workload = workloadOf(world, pod);
  switch (cause) {
    case 'P-CPU':
    case 'P-MEM':
    case 'P-EPH':
    case 'P-EXT': {
      const resource = /^Insufficient (\S+)/.exec(reason.text)?.[1] ?? '';
      const room = roomOf(pod, resource, world);
      return hit(cause, pod, {
        params: { ...said, ...room.params, resource },
        evidence: [...evidence, ...room.evidence],
        commands: [
          kubectl('describe', { kind: 'Node', namespace: '', name: String(room.params.node) }),
          kubectl('edit', workload),
        ],
      });
    }
    case 'P-TAINT': {
      const taint = taintOf(reason.text, pod, world);
      const key = String(taint.params.taint).split(/[:=]/)[0] ?? '';
      return hit(cause, pod, {
        params: { ...said, ...taint.params },
        evidence: [...evidence, ...taint.evidence],
        commands: TROUBLE.test(key)
          ? taint.nodes.slice(0, 3).map((node) => kubectl('describe', node))
          : taint.nodes.slice(0, 3).map((node) => `kubectl taint node ${sh(node.metadata.name ?? '')} ${sh(key)}-`),
        because: taint.because,
      });
    }
    case 'P-CORDON': {
      const cordoned = world.all('Node').filter((node) => node.spec?.unschedulable === true);
      return hit(cause, pod, {
        params: {
          ...said,
          nodes: cordoned.map(({ metadata }) => metadata.name).join(', ') || String(reason.count),
          by: '',
        },
        evidence: [...evidence, ...cordoned.slice(0, 3).map((node) => field(node, 'spec.unschedulable'))],
        commands: cordoned.slice(0, 5).map((node) => `kubectl uncordon ${sh(node.metadata.name ?? '')}`),
        patch:
          cordoned.length === 1 && cordoned[0] !== undefined
            ? patchOf(cordoned[0], { group: '', version: 'v1', resource: 'nodes' }, { spec: { unschedulable: false } })
            : null,
      });
    }
    case 'P-AFF': {
      const closest = closestNode(pod, world);
      return hit(cause, pod, {
        params: { ...said, wanted: wishesOf(pod), ...closest.params },
        evidence: [...evidence, ...closest.evidence],
        commands: ['kubectl get nodes --show-labels', kubectl('edit', workload)],
      });
    }
    case 'P-PAFF':
      return hit(cause, pod, {
        params: { ...said, wanted: affinityOf(pod) },
        evidence,
        commands: [kubectl('edit', workload)],
      });
    case 'P-PANTI': {
      const { wanted, topology } = antiAffinityOf(pod);
      return hit(cause, pod, {
        params: { ...said, wanted, topology },
        evidence,
        commands: [kubectl('edit', workload)],
      });
    }
    case 'P-SPREAD': {
      const spread = spreadOf(pod, world);
      return hit(cause, pod, {
        params: { ...said, ...spread.params },
        evidence: [...evidence, ...spread.evidence],
        commands: [kubectl('edit', workload)],
      });
    }
    case 'P-PORT': {
      const port = portOf(pod, world);
      return hit(cause, pod, {
        params: { ...said, ...port.params },
        evidence: [...evidence, ...port.evidence],
        commands: [kubectl('edit', workload)],
      });
    }
    case 'P-VOLAFF':
    case 'P-VOLBIND':
      return volume(pod, cause, said, evidence, world);
    default:
      return hit(cause, pod, {
        params: said,
        confidence: cause === 'P-UNSCHED' ? 'low' : 'high',
        evidence,
        commands: [kubectl('describe', pod)],
      });
  }
}

function volume(pod: KubeObject, cause: string, said: { reason: string }, evidence: Evidence[], world: World): Hit {
  const namespace = pod.metadata.namespace ?? '';
  const claims = claimNames(pod).map((name) => ({ name, claim: world.get('PersistentVolumeClaim', namespace, name) }));
  if (cause === 'P-VOLAFF') {
    for (const { claim } of claims) {
      const bound = world.get('PersistentVolume', '', String(claim?.spec?.volumeName ?? ''));
      if (bound?.spec?.nodeAffinity === undefined) continue;
      const terms: Json[] = bound.spec.nodeAffinity.required?.nodeSelectorTerms ?? [];
      const zone = terms.flatMap(({ matchExpressions = [] }) =>
        matchExpressions.map((one: Json) => `${one.key}=${one.values}`),
      );
      return hit(cause, pod, {
        params: { ...said, volume: bound.metadata.name ?? '', zone: zone.join(', ') },
        evidence: [...evidence, field(bound, 'spec.nodeAffinity')],
        commands: [kubectl('describe', bound), 'kubectl get nodes -L topology.kubernetes.io/zone'],
      });
    }
    return hit(cause, pod, { params: { ...said, volume: '?', zone: '?' }, confidence: 'medium', evidence });
  }
  const named = /persistentvolumeclaim "([^"]+)"/.exec(said.reason)?.[1];
  const open = claims.find(({ name, claim }) =>
    named === undefined ? claim?.status?.phase !== 'Bound' : name === named,
  );
  const because = open?.claim === undefined ? [] : claimCheck.run(open.claim, world);
  return hit(cause, pod, {
    params: { ...said, claim: open?.name ?? named ?? '?' },
    evidence: [...evidence, ...(open?.claim === undefined ? [] : [field(open.claim, 'status.phase')])],
    commands: [`kubectl describe pvc ${sh(open?.name ?? named ?? '')} -n ${sh(namespace)}`],
    because,
  });
}

function unseen(pod: KubeObject, world: World): Hit {
  // The scheduler lets a pod wait without a word until its claims are there.
  const claims = ((pod.spec?.resourceClaims ?? []) as Json[]).map((one) => one.resourceClaimName ?? one.name);
  if (claims.length > 0 && String(pod.spec?.schedulerName ?? 'default-scheduler') === 'default-scheduler')
    return hit('P-DRA', pod, {
      params: {
        reason: both(
          `Pod 在等待 ResourceClaim ${claims.join(', ')}`,
          `the pod waits for ResourceClaim ${claims.join(', ')}`,
        ),
      },
      confidence: 'medium',
      evidence: [field(pod, 'spec.resourceClaims')],
      commands: [`kubectl get resourceclaims -n ${sh(pod.metadata.namespace ?? '')}`],
    });
  const scheduler = String(pod.spec?.schedulerName ?? 'default-scheduler');
  const lease = world.get('Lease', 'kube-system', scheduler === 'default-scheduler' ? 'kube-scheduler' : scheduler);
  const evidence = [
    field(pod, 'spec.schedulerName', scheduler),
    field(pod, 'status.conditions', pod.status?.conditions ?? 'absent'),
  ];
  if (lease !== undefined) evidence.push(field(lease, 'spec.renewTime'));
  return hit('P-NOSCHED', pod, {
    params: {
      scheduler,
      reason: lease === undefined ? `Lease kube-system/${scheduler}: -` : `renewTime ${lease.spec?.renewTime ?? '-'}`,
    },
    confidence: world.complete('Lease') && scheduler !== 'default-scheduler' ? 'high' : 'medium',
    evidence,
    commands: ['kubectl get leases -n kube-system', 'kubectl get pods -n kube-system -l component=kube-scheduler'],
  });
}
