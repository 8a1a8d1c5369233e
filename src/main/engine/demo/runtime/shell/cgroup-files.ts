/** What a container sees of the bounds that its machine sets it: its cgroup (version 2), and how soon it is killed. Pure. Source: kubelet's cm and qos packages, runc. */
import { parseQuantity } from '#shared/kubernetes/quantity.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { Contents } from './image-files.ts';

const PERIOD = 100_000;
const LEAST_QUOTA = 1000;
const PAGE = 4096;

/** What the container has used. */
export interface CgroupUse {
  /** Bytes, now. */
  memory: number;
  /** Seconds, since it started. */
  cpu: number;
}

/** `resources`: those in force, which a resize that waits has not changed. */
export function cgroupFiles(pod: KubeObject, resources: Json, memoryCapacity: number, use: CgroupUse): Contents {
  const { requests = {}, limits = {} }: Json = resources ?? {};
  const milli = (list: Json) => Math.round(parseQuantity(list.cpu) * 1000);
  const limit = milli(limits);
  const memory = Math.floor(parseQuantity(limits.memory) / PAGE) * PAGE;
  const requested = requests.cpu === undefined ? limit : milli(requests);
  return [
    ['/sys/fs/cgroup/cgroup.controllers', 'cpuset cpu io memory hugetlb pids rdma misc\n'],
    ['/sys/fs/cgroup/cpu.max', `${limit === 0 ? 'max' : Math.max(LEAST_QUOTA, limit * (PERIOD / 1000))} ${PERIOD}\n`],
    ['/sys/fs/cgroup/cpu.weight', `${cpuWeight(Math.max(2, Math.floor((requested * 1024) / 1000)))}\n`],
    ['/sys/fs/cgroup/memory.max', `${memory === 0 ? 'max' : memory}\n`],
    ['/sys/fs/cgroup/memory.swap.max', '0\n'],
    ...usageFiles(use),
    ['/proc/1/oom_score_adj', `${oomScore(pod, parseQuantity(requests.memory), memoryCapacity)}\n`],
  ];
}

function usageFiles({ memory, cpu }: CgroupUse): Contents {
  const used = Math.floor(memory / PAGE) * PAGE;
  const anonymous = Math.floor((used * 0.8) / PAGE) * PAGE;
  const spent = Math.floor(cpu * 1e6);
  const lines = (values: Readonly<Record<string, number>>) =>
    Object.entries(values)
      .map(([name, value]) => `${name} ${value}\n`)
      .join('');
  return [
    ['/sys/fs/cgroup/memory.current', `${used}\n`],
    ['/sys/fs/cgroup/memory.stat', lines({ anon: anonymous, file: used - anonymous, inactive_file: used - anonymous })],
    ['/sys/fs/cgroup/memory.events', lines({ low: 0, high: 0, max: 0, oom: 0, oom_kill: 0, oom_group_kill: 0 })],
    [
      '/sys/fs/cgroup/cpu.stat',
      lines({ usage_usec: spent, user_usec: Math.floor(spent * 0.7), system_usec: spent - Math.floor(spent * 0.7) }),
    ],
    ['/sys/fs/cgroup/pids.current', '1\n'],
    ['/sys/fs/cgroup/pids.max', 'max\n'],
  ];
}

/** From the shares of version 1. Source: runc since 1.3. */
function cpuWeight(shares: number): number {
  if (shares <= 2) return 1;
  const log = Math.log2(Math.min(shares, 262_144));
  return Math.ceil(10 ** ((log * log + 125 * log) / 612 - 7 / 34));
}

const CRITICAL_PRIORITY = 2_000_000_000;

function oomScore(pod: KubeObject, memory: number, capacity: number): number {
  if ((pod.spec?.priority ?? 0) >= CRITICAL_PRIORITY || pod.status?.qosClass === 'Guaranteed') return -997;
  if (pod.status?.qosClass === 'BestEffort') return 1000;
  const score = 1000 - Math.floor((1000 * memory) / Math.max(1, capacity));
  return Math.min(999, Math.max(3, score));
}
