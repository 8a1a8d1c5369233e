/** What further checks say, once a person has chosen them: ports that were asked, kubelet's own word, the machine itself. */
import type { FurtherCheck } from '#shared/diagnosis.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, computed, hit, kubectl, logLine, sh } from '../hits.ts';
import type { Cause, Check, Evidence, Hit, Words } from '../types.ts';
import type { World } from '../world.ts';
import { policyCheck } from './network-policy.ts';
import { portCheck } from './services.ts';

export const FURTHER_CAUSES: readonly Cause[] = [
  {
    id: 'R-REFUSED',
    rank: 60,
    zh: {
      says: '{what} 的端口 {port} 拒绝连接：没有程序在监听',
      remedy: '让程序监听该端口的所有地址（0.0.0.0 而不是 127.0.0.1），或改正端口。',
    },
    en: {
      says: 'Port {port} of {what} refuses connections: nobody listens there',
      remedy: 'Let the program listen on that port at every address (0.0.0.0, not 127.0.0.1), or correct the port.',
    },
  },
  {
    id: 'R-SILENT',
    rank: 54,
    zh: {
      says: '{what} 的端口 {port} 没有回应：{reason}',
      remedy: '检查途中的 NetworkPolicy、安全组与防火墙，节点之间的网络，以及程序是否卡住。',
    },
    en: {
      says: 'Port {port} of {what} gives no answer: {reason}',
      remedy:
        'Look at NetworkPolicies, security groups and firewalls on the way, at the network between nodes, and whether the program hangs.',
    },
  },
  {
    id: 'R-HTTP',
    rank: 25,
    zh: {
      says: '{what} 的端口 {port} 以 HTTP {status} 回应',
      remedy: '程序已收到请求但处理失败：查看它的日志和它依赖的服务。',
    },
    en: {
      says: 'Port {port} of {what} answers with HTTP {status}',
      remedy: 'The program gets the request and fails: read its log, and look at what it depends on.',
    },
  },
  {
    id: 'N-KUBELET',
    rank: 96,
    zh: {
      says: '节点 {name} 的 kubelet 报告自身异常：{reason}',
      remedy: '查看 kubelet 日志（journalctl -u kubelet）；检查 API Server 到节点 10250 端口的网络。',
    },
    en: {
      says: 'Kubelet of node {name} is not well by its own word: {reason}',
      remedy:
        'Read kubelet’s log (journalctl -u kubelet); look at the way from the API server to port 10250 of the node.',
    },
  },
];

const STEP: Readonly<Record<FurtherCheck, Check['title']>> = {
  reach: { zh: '经 API Server 请求端口', en: 'Ports, asked through the API server' },
  kubelet: { zh: 'kubelet 自述', en: 'What kubelet says' },
  machine: { zh: '机器本身', en: 'The machine itself' },
};

/** A limit of kubelet's defaults (`nodefs.available<10%`, `nodefs.inodesFree<5%`): what is beyond it is evicted for. */
const FULL_BYTES = 0.9;
const FULL_INODES = 0.95;
const MANY_PROCESSES = 0.9;
const CLOCK_SECONDS = 2;
const CLOCK_BROKEN_SECONDS = 30;

/** `node`: its name, for an object that is about one. */
const nodeOf = (object: KubeObject): string =>
  object.kind === 'Node' ? (object.metadata.name ?? '') : String(object.spec?.nodeName ?? '');

function nodeObject(name: string, world: World): KubeObject {
  return world.get('Node', '', name) ?? { apiVersion: 'v1', kind: 'Node', metadata: { name } };
}

const reached = (world: World): readonly KubeObject[] => world.all('Reached');

function saidOf({ waited, text }: KubeObject): string | Words {
  return typeof waited === 'number' ? both(`${waited} 秒内没有回应`, `nothing came within ${waited} s`) : String(text);
}

function doorEvidence(one: KubeObject, world: World): Evidence {
  const { kind, name, port }: Json = one.door;
  const namespace = one.metadata.namespace ?? '';
  const object = world.get(kind, namespace, name) ?? { apiVersion: 'v1', kind, metadata: { namespace, name } };
  return computed(object, `GET :${port}`, saidOf(one));
}

const reachCheck: Check = {
  id: 'further-reach',
  title: STEP.reach,
  needs: ['Reached'],
  looked: (_object, world) => reached(world).map((one) => doorEvidence(one, world)),
  run(object, world) {
    const of = (kind: string) => reached(world).filter((one) => (one.door as Json).kind === kind);
    const pods = of('Pod').flatMap((one) => doorHits(one, world));
    // What keeps the pods from answering keeps the Service from it, and is told with it.
    const services = of('Service').flatMap((one) => doorHits(one, world, behind(one, object, pods, world)));
    const told = new Set(services.flatMap(({ because }) => because));
    return [...services, ...pods.filter((one) => !told.has(one))];
  },
};

function doorHits(one: KubeObject, world: World, because: Hit[] = []): Hit[] {
  const { kind, name, port }: Json = one.door;
  const namespace = one.metadata.namespace ?? '';
  const about = { kind, namespace, name };
  const params = { what: `${kind} ${namespace}/${name}`, port };
  const shared = { evidence: [doorEvidence(one, world)], commands: [kubectl('describe', about)], because };
  if (one.outcome === 'refused') return [hit('R-REFUSED', about, { ...shared, params })];
  // Who answers slowly looks the same as who is not reached.
  if (one.outcome === 'silent')
    return [hit('R-SILENT', about, { ...shared, confidence: 'medium', params: { ...params, reason: saidOf(one) } })];
  if (typeof one.status === 'number' && one.status >= 500)
    return [hit('R-HTTP', about, { ...shared, verdict: 'warning', params: { ...params, status: one.status } })];
  return [];
}

/** Why a Service does not answer: its pods, a policy that closes the port, or a target port where nobody listens. */
function behind(one: KubeObject, object: KubeObject, pods: readonly Hit[], world: World): Hit[] {
  const same = { refused: 'R-REFUSED', silent: 'R-SILENT' }[String(one.outcome)] ?? 'R-HTTP';
  const ofPods = pods.filter(({ cause }) => cause === same);
  if (ofPods.length > 0 || same === 'R-HTTP') return ofPods;
  const { name }: Json = one.door;
  const service = object.kind === 'Service' ? object : world.get('Service', one.metadata.namespace ?? '', name);
  if (service === undefined) return [];
  return (
    [...policyCheck.run(service, world), ...portCheck.run(service, world)]
      .filter(({ cause, verdict }) => cause === 'S-TPORT' || (cause === 'S-NETPOL' && verdict === 'fault'))
      // The port was seen to be shut.
      .map((found) => ({ ...found, verdict: 'fault' as const, confidence: 'high' as const }))
  );
}

const percent = (share: number): string => `${Math.round(share * 100)} %`;

const kubeletCheck: Check = {
  id: 'further-kubelet',
  title: STEP.kubelet,
  needs: ['KubeletState'],
  looked(object, world) {
    const state = world.get('KubeletState', '', nodeOf(object));
    if (state === undefined) return [];
    const node = nodeObject(nodeOf(object), world);
    const disks = (state.disks as Json[]).map(({ what, bytes, inodes }) =>
      [what, bytes === null ? '' : percent(bytes), inodes === null ? '' : `inodes ${percent(inodes)}`]
        .filter((part) => part !== '')
        .join(' '),
    );
    return [
      computed(node, '/healthz', String(state.said)),
      ...(disks.length === 0 ? [] : [computed(node, '/stats/summary', disks.join(', '))]),
    ];
  },
  run(object, world) {
    const state = world.get('KubeletState', '', nodeOf(object));
    if (state === undefined) return [];
    const node = nodeObject(nodeOf(object), world);
    const commands = [`kubectl get --raw ${sh(`/api/v1/nodes/${node.metadata.name}/proxy/healthz`)}`];
    if (state.healthy !== true)
      return [
        hit('N-KUBELET', node, {
          params: { reason: String(state.said) },
          evidence: [computed(node, '/healthz', String(state.said))],
          commands,
        }),
      ];
    const full = (state.disks as Json[]).filter(
      ({ bytes, inodes }) => (bytes ?? 0) >= FULL_BYTES || (inodes ?? 0) >= FULL_INODES,
    );
    const hits = full.slice(0, 1).map(({ what, bytes, inodes }) => {
      const share = (bytes ?? 0) >= FULL_BYTES ? bytes : inodes;
      const of = (bytes ?? 0) >= FULL_BYTES ? what : `${what} inodes`;
      return hit('N-DISK', node, {
        params: { reason: both(`${of} 已用 ${percent(share)}`, `${percent(share)} of ${of} in use`) },
        evidence: this.looked(object, world),
        commands: [kubectl('describe', node)],
      });
    });
    if (Number(state.processes ?? 0) >= MANY_PROCESSES)
      hits.push(
        hit('N-PID', node, {
          evidence: [computed(node, '/stats/summary', `rlimit ${percent(Number(state.processes))}`)],
          commands: [kubectl('describe', node)],
        }),
      );
    return hits;
  },
};

const machineCheck: Check = {
  id: 'further-machine',
  title: STEP.machine,
  needs: ['MachineState'],
  looked(node, world) {
    const state = world.get('MachineState', '', nodeOf(node));
    if (state === undefined) return [];
    const disks = (state.disks as Json[]).map(
      ({ of, path, percent: used }) => `${path}${of === 'inodes' ? ' inodes' : ''} ${used} %`,
    );
    return [
      computed(node, 'df', disks.join(', ') || '-'),
      computed(
        node,
        'date',
        state.clockOffset === null
          ? '-'
          : both(`与 API Server 相差 ${state.clockOffset} s`, `${state.clockOffset} s from the API server`),
      ),
      computed(node, '/proc/loadavg', String(state.load || '-')),
    ];
  },
  run(node, world) {
    const state = world.get('MachineState', '', nodeOf(node));
    if (state === undefined) return [];
    const hits: Hit[] = [];
    const commands = [kubectl('describe', node)];
    const readOnly: string[] = state.readOnly ?? [];
    if (readOnly.length > 0)
      hits.push(
        hit('N-RO', node, {
          params: { reason: readOnly.join(', ') },
          evidence: readOnly.map((path) => computed(node, '/proc/mounts', `${path} ro`)),
          commands,
        }),
      );
    const full = (state.disks as Json[]).find(
      ({ of, percent: used }) => used >= 100 * (of === 'inodes' ? FULL_INODES : FULL_BYTES),
    );
    if (full !== undefined)
      hits.push(
        hit('N-DISK', node, {
          params: {
            reason: both(
              `${full.path}${full.of === 'inodes' ? ' 的 inode' : ''} 已用 ${full.percent} %`,
              `${full.percent} % of ${full.of === 'inodes' ? 'the inodes of ' : ''}${full.path} in use`,
            ),
          },
          evidence: [computed(node, 'df', `${full.path} ${full.percent} %`)],
          commands,
        }),
      );
    const offset = Number(state.clockOffset ?? 0);
    if (Math.abs(offset) > CLOCK_SECONDS)
      hits.push(
        hit('N-TIME', node, {
          verdict: Math.abs(offset) > CLOCK_BROKEN_SECONDS ? 'fault' : 'warning',
          params: {
            reason: both(`与 API Server 相差 ${offset} 秒`, `${offset} s from the clock of the API server`),
          },
          evidence: this.looked(node, world).slice(1, 2),
          commands,
        }),
      );
    const expired = ((state.errors ?? []) as string[]).find((line) => /x509: certificate has expired/.test(line));
    if (expired !== undefined)
      hits.push(
        hit('N-CERT', node, {
          params: { reason: expired },
          evidence: [logLine(node, 'kubelet', { time: null, text: expired })],
          commands: ['kubectl get csr'],
        }),
      );
    return hits;
  },
};

export const FURTHER: Readonly<Record<FurtherCheck, Check>> = {
  reach: reachCheck,
  kubelet: kubeletCheck,
  machine: machineCheck,
};

/** What it is called in progress and report. */
export const furtherTitle = (check: FurtherCheck): Check['title'] => STEP[check];

/** The resources that a check asks for. */
export const ASKS: Readonly<Record<FurtherCheck, string>> = {
  reach: 'services/proxy, pods/proxy',
  kubelet: 'nodes/proxy',
  machine: 'pods (kube-system)',
};

/** Kind of the facts that a check brings: what is missing of them is missing of the check. */
export const FACTS_OF: Readonly<Record<FurtherCheck, string>> = {
  reach: 'Reached',
  kubelet: 'KubeletState',
  machine: 'MachineState',
};
