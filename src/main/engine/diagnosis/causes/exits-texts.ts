/** Causes of containers that end: sentences and remedies. */
import type { Cause } from '../types.ts';

export const EXIT_CAUSES: readonly Cause[] = [
  {
    id: 'C-OOM',
    rank: 48,
    zh: {
      says: '容器 {container} 超出内存上限 {limit}，被内核终止（OOMKilled）',
      remedy: '把 limits.memory 提高到峰值的 1.2 倍以上；JVM 等限制堆大小；排查内存泄漏。',
    },
    en: {
      says: 'Container {container} went over its memory limit {limit} and was killed (OOMKilled)',
      remedy: 'Raise limits.memory to 1.2 times the peak or more; bound the heap of a JVM; look for a leak.',
    },
  },
  {
    id: 'C-OOMNODE',
    rank: 49,
    zh: {
      says: '节点 {node} 内存耗尽，内核终止了容器 {container}',
      remedy: '为工作负载设置与实际用量相符的 requests，分散到更多节点，或增加节点内存。',
    },
    en: {
      says: 'Node {node} ran out of memory and the kernel killed container {container}',
      remedy: 'Give workloads requests that match what they use, spread them over more nodes, or add memory.',
    },
  },
  {
    id: 'C-LIVE',
    rank: 46,
    zh: {
      says: '容器 {container} 的存活探针失败（{reason}），被反复重启',
      remedy: '确认探针的端口与路径正确、接口足够轻量；把 timeoutSeconds 设为大于 1；启动慢时使用 startupProbe。',
    },
    en: {
      says: 'The liveness probe of container {container} fails ({reason}), so it is restarted again and again',
      remedy:
        'Make sure port and path of the probe are right and the endpoint is cheap; set timeoutSeconds above 1; use a startupProbe where starting is slow.',
    },
  },
  {
    id: 'C-START',
    rank: 46,
    zh: {
      says: '容器 {container} 在启动探针允许的 {seconds} 秒内没有启动完成（{reason}）',
      remedy: '使 failureThreshold × periodSeconds 大于启动时间；检查启动为何变慢。',
    },
    en: {
      says: 'Container {container} did not start within the {seconds} s its startup probe allows ({reason})',
      remedy: 'Make failureThreshold × periodSeconds longer than the start takes; find out why it is slow.',
    },
  },
  {
    id: 'C-CMD',
    rank: 47,
    zh: {
      says: '容器 {container} 的启动命令无法执行（退出码 {code}）：{reason}',
      remedy: '改正 command/args 或入口脚本；确认文件在镜像中、可执行（chmod +x）且架构正确。',
    },
    en: {
      says: 'The command of container {container} cannot be executed (exit code {code}): {reason}',
      remedy:
        'Correct command, args or the entry script; the file must be in the image, executable (chmod +x) and for this architecture.',
    },
  },
  {
    id: 'C-CONF',
    rank: 45,
    zh: {
      says: '容器 {container} 启动后 {seconds} 秒退出（退出码 {code}），日志指向配置或依赖：{reason}',
      remedy: '按日志改正配置、环境变量或依赖服务的地址与权限。',
    },
    en: {
      says: 'Container {container} ends {seconds} s after its start with exit code {code}; its log points to configuration or a dependency: {reason}',
      remedy:
        'Correct the configuration, the environment, or address and rights of the service it needs, as the log says.',
    },
  },
  {
    id: 'C-DONE',
    rank: 44,
    zh: {
      says: '容器 {container} 正常结束（退出码 0），但 restartPolicy 为 Always，因此不断重启',
      remedy: '一次性任务用 Job；服务进程须在前台运行，不要转入后台。',
    },
    en: {
      says: 'Container {container} completes (exit code 0), and restartPolicy Always starts it again and again',
      remedy: 'Run what ends as a Job; a server has to stay in the foreground.',
    },
  },
  {
    id: 'C-EXIT',
    rank: 41,
    zh: {
      says: '容器 {container} 异常结束（退出码 {code}）{words}',
      remedy: '查看上一次运行的日志，找出应用出错的原因。',
    },
    en: {
      says: 'Container {container} ends with exit code {code}{words}',
      remedy: 'Read the log of the previous run to find why the application fails.',
    },
  },
  {
    id: 'C-INIT',
    rank: 19,
    zh: {
      says: '初始化容器 {container}（第 {index}/{total} 个）没有成功，Pod 无法启动',
      remedy: '修复该初始化容器；后面的容器要等它成功后才会启动。',
    },
    en: {
      says: 'Init container {container} ({index} of {total}) does not succeed, so the pod does not start',
      remedy: 'Mend this init container; the others wait until it has succeeded.',
    },
  },
  {
    id: 'C-LOOP',
    rank: 18,
    zh: {
      says: '容器 {container} 反复崩溃（CrashLoopBackOff，已重启 {count} 次）',
      remedy: '查看上一次运行的日志与退出码。',
    },
    en: {
      says: 'Container {container} keeps crashing (CrashLoopBackOff, {count} restarts)',
      remedy: 'Read log and exit code of the previous run.',
    },
  },
  {
    id: 'C-EVICT',
    rank: 67,
    zh: {
      says: 'Pod 被节点 {node} 驱逐（{resource}）：{reason}',
      remedy: '设置合理的 requests/limits，轮转日志，为 emptyDir 设 sizeLimit；节点资源不足时扩容。',
    },
    en: {
      says: 'Node {node} evicted the pod ({resource}): {reason}',
      remedy:
        'Set fitting requests and limits, rotate logs, give emptyDir a sizeLimit; enlarge the node where it is short.',
    },
  },
  {
    id: 'C-TAINTEV',
    rank: 66,
    zh: {
      says: 'Pod 被从节点 {node} 上移除（{why}）：{reason}',
      remedy: '修复节点；用 PodDisruptionBudget 限制同时中断的副本数。',
    },
    en: {
      says: 'The pod is being taken off node {node} ({why}): {reason}',
      remedy: 'Repair the node; bound how many replicas may be gone at a time with a PodDisruptionBudget.',
    },
  },
  {
    id: 'C-DEADLINE',
    rank: 60,
    zh: {
      says: '运行超过允许的时间或重试次数：{reason}',
      remedy: '放宽 activeDeadlineSeconds 或 backoffLimit；查看日志确认为何运行过久。',
    },
    en: {
      says: 'It ran longer or failed more often than allowed: {reason}',
      remedy: 'Raise activeDeadlineSeconds or backoffLimit; read the log to see what takes so long.',
    },
  },
  {
    id: 'C-RESTART',
    rank: 17,
    zh: { says: '容器 {container} 频繁重启（{count} 次）', remedy: '查看上一次运行的日志。' },
    en: { says: 'Container {container} restarts often ({count} times)', remedy: 'Read the log of the previous run.' },
  },
];
