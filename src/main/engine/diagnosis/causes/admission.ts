/** Pods that were never created: what the controller of a workload was answered. Sources: API server admission plugins. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { latestOfBundle } from '../../kube/index.ts';
import { both, computed, event, field, hit, kubectl, sh } from '../hits.ts';
import { conditionsOf } from '../pods.ts';
import type { Cause, Check, Evidence, Hit } from '../types.ts';
import type { EventFact, World } from '../world.ts';

export const ADMISSION_CAUSES: readonly Cause[] = [
  {
    id: 'P-QUOTA',
    rank: 88,
    zh: {
      says: '命名空间 {namespace} 的 ResourceQuota {quota} 不允许创建 Pod：{numbers}',
      remedy: '提高配额，或删除闲置的工作负载；配额要求 requests/limits 时，在容器上设置，或用 LimitRange 给出默认值。',
    },
    en: {
      says: 'ResourceQuota {quota} of namespace {namespace} does not admit the pods: {numbers}',
      remedy:
        'Raise the quota or delete idle workloads. Where the quota demands requests or limits, set them, or give defaults with a LimitRange.',
    },
  },
  {
    id: 'P-LIMITR',
    rank: 87,
    zh: {
      says: '容器资源超出命名空间 {namespace} 的 LimitRange：{numbers}',
      remedy: '把 requests/limits 调整到 LimitRange 允许的范围内，或修改 LimitRange。',
    },
    en: {
      says: 'Resources of the containers are outside the LimitRange of namespace {namespace}: {numbers}',
      remedy: 'Bring requests and limits within what the LimitRange allows, or change the LimitRange.',
    },
  },
  {
    id: 'P-PSA',
    rank: 87,
    zh: {
      says: 'Pod Security（{level}）拒绝了 {name} 的 Pod：{numbers}',
      remedy:
        '按提示修改 securityContext；确有需要时，有意识地调整命名空间的 pod-security.kubernetes.io/enforce 标签。',
    },
    en: {
      says: 'Pod Security ({level}) rejects the pods of {name}: {numbers}',
      remedy:
        'Change the securityContext as the message says; only if it has to be so, change the namespace label pod-security.kubernetes.io/enforce knowingly.',
    },
  },
  {
    id: 'P-WEBHOOK',
    rank: 89,
    zh: {
      says: '准入 webhook {webhook} 阻止了 Pod 创建：{numbers}',
      remedy:
        '后端不可用：修复 webhook 的 Service 与 Pod，检查 caBundle；紧急时把 failurePolicy 临时改为 Ignore。策略拒绝：按提示修改对象。',
    },
    en: {
      says: 'Admission webhook {webhook} bars the pods: {numbers}',
      remedy:
        'Not answering: repair its Service and pods, check the caBundle; in an emergency set failurePolicy to Ignore for a while. Denied by policy: change the object as the message says.',
    },
  },
  {
    id: 'P-SA',
    rank: 87,
    zh: {
      says: 'ServiceAccount {account} 在命名空间 {namespace} 中不存在',
      remedy: '创建该 ServiceAccount，或改正 spec.template.spec.serviceAccountName。',
    },
    en: {
      says: 'ServiceAccount {account} does not exist in namespace {namespace}',
      remedy: 'Create the ServiceAccount, or correct spec.template.spec.serviceAccountName.',
    },
  },
  {
    id: 'P-PRIO',
    rank: 87,
    zh: {
      says: 'PriorityClass {class} 不存在，无法创建 Pod',
      remedy: '创建该 PriorityClass，或改正 priorityClassName。',
    },
    en: {
      says: 'PriorityClass {class} does not exist; the pods cannot be created',
      remedy: 'Create the PriorityClass, or correct priorityClassName.',
    },
  },
  {
    id: 'P-PVCQUOTA',
    rank: 88,
    zh: {
      says: 'StatefulSet {name} 的 PVC 无法创建：{numbers}',
      remedy: '提高存储配额，或改正 volumeClaimTemplates 的大小与 StorageClass。',
    },
    en: {
      says: 'Claims of StatefulSet {name} cannot be created: {numbers}',
      remedy: 'Raise the storage quota, or correct size and class in volumeClaimTemplates.',
    },
  },
  {
    id: 'P-DENIED',
    rank: 80,
    zh: { says: '{name} 的 Pod 无法创建：{numbers}', remedy: '按 API Server 返回的信息修改 Pod 模板。' },
    en: {
      says: 'Pods of {name} cannot be created: {numbers}',
      remedy: 'Change the pod template as the API server’s message says.',
    },
  },
];

type Reading = { cause: string; params?: Record<string, string> };

/** Which cause the API server's words mean. Exported for tests. */
export function classifyRefusal(message: string, kind = ''): Reading {
  const quota = /exceeded quota: ([^,\s]+)/.exec(message)?.[1] ?? /failed quota: ([^:,\s]+)/.exec(message)?.[1];
  if (kind === 'StatefulSet' && /Claim|persistentvolumeclaim/i.test(message) && /create/i.test(message))
    if (quota !== undefined || /claim .*(forbidden|invalid|failed|error)/i.test(message))
      return { cause: 'P-PVCQUOTA' };
  if (quota !== undefined) return { cause: 'P-QUOTA', params: { quota } };
  const webhook = /(?:failed calling webhook|admission webhook) "([^"]+)"/.exec(message)?.[1];
  if (webhook !== undefined) return { cause: 'P-WEBHOOK', params: { webhook } };
  const level = /violates PodSecurity "([^"]+)"/.exec(message)?.[1];
  if (level !== undefined) return { cause: 'P-PSA', params: { level } };
  const account = /serviceaccounts? "([^"]+)" not found|service account \S*?\/?([^\s/]+) was not found/i.exec(message);
  if (account !== null) return { cause: 'P-SA', params: { account: account[1] ?? account[2] ?? '' } };
  const priority = /no PriorityClass with name (\S+) was found/.exec(message)?.[1];
  if (priority !== undefined) return { cause: 'P-PRIO', params: { class: priority } };
  if (/(maximum|minimum) \S+ usage per (Container|Pod)|limit to request ratio/i.test(message))
    return { cause: 'P-LIMITR' };
  return { cause: 'P-DENIED' };
}

export const admissionCheck: Check = {
  id: 'admission',
  title: { zh: '创建与准入', en: 'Creation and admission' },
  needs: ['Event'],
  looked: (workload) => [field(workload, 'spec.replicas'), field(workload, 'status.replicas')],
  run(workload, world) {
    if (Number(workload.status?.readyReplicas ?? -1) >= Number(workload.spec?.replicas ?? 1)) return [];
    const sets = workload.kind === 'Deployment' ? world.owned('ReplicaSet', workload) : [];
    const found = new Map<string, Hit>();
    for (const object of [workload, ...sets]) {
      for (const { message, evidence } of refusals(object, world)) {
        const { cause, params = {} } = classifyRefusal(message, workload.kind);
        const known = found.get(cause);
        if (known !== undefined) {
          if (known.evidence.length < 4) known.evidence.push(evidence);
          continue;
        }
        found.set(cause, judge(workload, cause, params, message, evidence, world));
      }
    }
    return [...found.values()];
  },
};

function refusals(object: KubeObject, world: World) {
  const failure = conditionsOf(object).find(({ type, status }) => type === 'ReplicaFailure' && status === 'True');
  const told = world
    .events(object)
    .filter((fact: EventFact) => fact.reason === 'FailedCreate' && isFresh(fact, object, world));
  return [
    ...(failure === undefined
      ? []
      : [
          {
            message: failure.message,
            evidence: field(object, failure.path, `${failure.type}: ${failure.message}`, failure.since),
          },
        ]),
    ...told.map((fact) => ({ message: fact.message, evidence: event(object, fact) })),
  ];
}

/** What was refused before the newest pod was created is over. */
function isFresh(fact: EventFact, object: KubeObject, world: World): boolean {
  const newest = world
    .owned('Pod', object)
    .reduce(
      (latest, pod) =>
        (pod.metadata.creationTimestamp ?? '') > latest ? (pod.metadata.creationTimestamp ?? '') : latest,
      '',
    );
  return (
    newest === '' ||
    (fact.last ?? '') >= newest ||
    Number(object.status?.replicas ?? 0) < Number(object.spec?.replicas ?? 1)
  );
}

function judge(
  workload: KubeObject,
  cause: string,
  params: Record<string, string>,
  message: string,
  evidence: Hit['evidence'][number],
  world: World,
): Hit {
  const namespace = workload.metadata.namespace ?? '';
  const more: Hit['evidence'] = [];
  const commands: string[] = [];
  const because: Hit[] = [];
  const where = `-n ${sh(namespace)}`;
  if (cause === 'P-QUOTA' || cause === 'P-PVCQUOTA') {
    const quota = world.get('ResourceQuota', namespace, params.quota ?? '');
    if (quota !== undefined) more.push(field(quota, 'status.hard'), field(quota, 'status.used'));
    commands.push(`kubectl describe resourcequota ${where}`);
  } else if (cause === 'P-LIMITR') {
    for (const range of world.within('LimitRange', namespace)) more.push(field(range, 'spec.limits'));
    commands.push(`kubectl get limitrange ${where} -o yaml`);
  } else if (cause === 'P-PSA') {
    const space = world.get('Namespace', '', namespace);
    if (space !== undefined) more.push(field(space, 'metadata.labels', podSecurityLabels(space)));
    commands.push(`kubectl get namespace ${sh(namespace)} --show-labels`);
  } else if (cause === 'P-SA') {
    commands.push(`kubectl create serviceaccount ${sh(params.account ?? '')} ${where}`);
  } else if (cause === 'P-PRIO') {
    commands.push('kubectl get priorityclasses');
  } else if (cause === 'P-WEBHOOK') {
    const webhook = webhookOf(params.webhook ?? '', world);
    if (webhook !== undefined) {
      more.push(field(webhook.object, `webhooks[${webhook.index}].failurePolicy`));
      more.push(field(webhook.object, `webhooks[${webhook.index}].clientConfig.service`));
      more.push(...bundleEvidence(webhook, message, world));
      commands.push(kubectl('get', webhook.object, '-o', 'yaml'));
    } else commands.push('kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations');
  } else commands.push(kubectl('describe', workload));
  return hit(cause, workload, {
    params: { ...params, numbers: withoutPreamble(message) },
    evidence: [evidence, ...more],
    commands,
    because,
  });
}

interface Webhook {
  object: KubeObject;
  index: number;
}

function webhookOf(name: string, world: World): Webhook | undefined {
  for (const kind of ['ValidatingWebhookConfiguration', 'MutatingWebhookConfiguration'])
    for (const object of world.all(kind)) {
      const index = (object.webhooks ?? []).findIndex((one: { name?: string }) => one.name === name);
      if (index >= 0) return { object, index };
    }
  return undefined;
}

/** Whom the API server trusts to have issued the webhook's certificate, and whether that is over or does not fit. */
function bundleEvidence({ object, index }: Webhook, message: string, world: World): Evidence[] {
  const caBundle = object.webhooks?.[index]?.clientConfig?.caBundle;
  if (typeof caBundle !== 'string' || caBundle === '') return [];
  const at = `webhooks[${index}].clientConfig.caBundle`;
  const latest = latestOfBundle(caBundle);
  if (latest === undefined) return [computed(object, at, both('读不到证书', 'no certificate can be read'))];
  const { subject, notAfter } = latest;
  const time = new Date(notAfter).toISOString();
  if (notAfter <= world.now)
    return [computed(object, at, both(`${subject} 已于 ${time} 过期`, `${subject} expired ${time}`))];
  return /x509: certificate signed by unknown authority/.test(message)
    ? [
        computed(
          object,
          at,
          both(`webhook 的证书不是由 ${subject} 签发的`, `the webhook’s certificate was not issued by ${subject}`),
        ),
      ]
    : [computed(object, at, both(`${subject}，${time} 到期`, `${subject}, ends ${time}`))];
}

function podSecurityLabels(space: KubeObject): Record<string, string> {
  return Object.fromEntries(
    Object.entries(space.metadata.labels ?? {}).filter(([key]) => key.startsWith('pod-security.kubernetes.io/')),
  );
}

/** `Error creating: pods "x" is forbidden: ` tells nothing. */
function withoutPreamble(message: string): string {
  return message
    .replace(/^.*?(Error creating|failed error): /i, '')
    .replace(/^pods "[^"]*" is forbidden: /, '')
    .replace(/^Internal error occurred: /, '');
}
