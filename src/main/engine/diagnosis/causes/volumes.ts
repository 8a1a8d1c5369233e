/** Claims that are not bound, volumes that are not attached or mounted. Sources: volume controllers and kubelet's volume manager. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { both, event, field, hit, kubectl, patchOf, seconds, sh } from '../hits.ts';
import { ageOf, claimNames, isOver } from '../pods.ts';
import type { Cause, Check, Evidence, Hit, Param } from '../types.ts';
import type { World } from '../world.ts';

export const VOLUME_CAUSES: readonly Cause[] = [
  {
    id: 'P-PVCPEND',
    rank: 68,
    zh: {
      says: 'PVC {name} 无法绑定：{reason}',
      remedy: '创建或改正 StorageClass、设置默认类、检查 CSI 控制器与后端容量；静态卷则创建匹配的 PV。',
    },
    en: {
      says: 'Claim {name} does not get bound: {reason}',
      remedy:
        'Create or correct the StorageClass, mark a default one, check the CSI controller and the room behind it; for static volumes create a PersistentVolume that fits.',
    },
    references: ['https://kubernetes.io/docs/concepts/storage/persistent-volumes/#binding'],
  },
  {
    id: 'P-PVCLOST',
    rank: 68,
    zh: { says: 'PVC {name} 绑定的 PV {volume} 已不存在（Lost）', remedy: '从备份恢复数据，删除该 PVC 后重建。' },
    en: {
      says: 'Claim {name} is bound to volume {volume}, which is gone (Lost)',
      remedy: 'Restore the data from a backup; delete the claim and create it again.',
    },
  },
  {
    id: 'P-ATTACH',
    rank: 66,
    zh: {
      says: '卷 {volume} 无法挂接到节点 {node}：{reason}',
      remedy:
        '删除仍占用该卷的旧 Pod；原节点确认宕机后添加 out-of-service 污点或删除残留的 VolumeAttachment；缺少 CSI 驱动时安装驱动。',
    },
    en: {
      says: 'Volume {volume} cannot be attached to node {node}: {reason}',
      remedy:
        'Delete the old pod that still has it. When its node is surely off, taint it out-of-service or delete the stale VolumeAttachment. Where the CSI driver is missing, install it.',
    },
  },
  {
    id: 'P-MOUNT',
    rank: 65,
    zh: {
      says: '卷 {volume} 无法挂载：{reason}',
      remedy:
        '按原因处理：创建缺少的 ConfigMap/Secret 或键；安装 nfs-common；修复服务端地址与导出权限；安装 CSI 驱动。',
    },
    en: {
      says: 'Volume {volume} cannot be mounted: {reason}',
      remedy:
        'By the reason: create the missing ConfigMap, Secret or key; install nfs-common; mend the server’s address or export; install the CSI driver.',
    },
  },
];

const WAITING_SECONDS = 120;

/** Of a PersistentVolumeClaim. */
export const claimCheck: Check = {
  id: 'claim',
  title: { zh: '存储声明', en: 'Claim' },
  needs: ['Event', 'StorageClass'],
  looked: (claim) => [
    field(claim, 'status.phase'),
    field(claim, 'spec.storageClassName'),
    field(claim, 'spec.volumeName'),
  ],
  run(claim, world) {
    if (claim.status?.phase === 'Lost')
      return [
        hit('P-PVCLOST', claim, {
          params: { volume: claim.spec?.volumeName ?? '?' },
          evidence: [field(claim, 'status.phase')],
          commands: [kubectl('describe', claim)],
        }),
      ];
    if (claim.status?.phase === 'Bound') return [];
    const told = world.events(claim);
    const failed = told.find(
      ({ reason, type }) => reason === 'ProvisioningFailed' || (reason === 'FailedBinding' && type !== ''),
    );
    const waits = told.find(({ reason }) => reason === 'ExternalProvisioning');
    const first = told.find(({ reason }) => reason === 'WaitForFirstConsumer');
    const storageClass = storageClassOf(claim, world);
    const evidence: Evidence[] = [field(claim, 'status.phase', claim.status?.phase ?? 'Pending')];
    const found = (reason: Param, more: Partial<Hit> = {}): Hit[] => [
      hit('P-PVCPEND', claim, {
        params: { reason },
        evidence,
        commands: [kubectl('describe', claim), 'kubectl get storageclass'],
        ...more,
      }),
    ];
    if (failed !== undefined) {
      evidence.push(event(claim, failed));
      if (/no storage class is set/.test(failed.message))
        return found(failed.message, { patch: onlyClass(claim, world) });
      return found(failed.message);
    }
    if (world.complete('StorageClass') && storageClass === 'missing' && !claim.spec?.volumeName) {
      evidence.push(field(claim, 'spec.storageClassName'));
      const name = claim.spec?.storageClassName || '';
      return found(
        name === ''
          ? both('没有默认的 StorageClass', 'there is no default StorageClass')
          : both(`StorageClass ${name} 不存在`, `StorageClass ${name} does not exist`),
      );
    }
    if (waits !== undefined && (seconds(waits.first, world.now) > WAITING_SECONDS || waits.count > 8)) {
      evidence.push(event(claim, waits));
      return found(waits.message);
    }
    if (first !== undefined || ageOf(claim, world.now) < WAITING_SECONDS) return [];
    return found(both('一直处于 Pending', 'it stays Pending'), { confidence: 'low' });
  },
};

function storageClassOf(claim: KubeObject, world: World): KubeObject | 'missing' {
  const name: string | undefined = claim.spec?.storageClassName;
  const isDefault = (one: KubeObject): boolean =>
    one.metadata.annotations?.['storageclass.kubernetes.io/is-default-class'] === 'true';
  const found = name === undefined ? world.all('StorageClass').find(isDefault) : world.get('StorageClass', '', name);
  return found ?? 'missing';
}

/** Where there is exactly one class, making it the default is a safe offer. */
function onlyClass(_claim: KubeObject, world: World): Hit['patch'] {
  const classes = world.all('StorageClass');
  const [only] = classes;
  if (classes.length !== 1 || only === undefined) return null;
  return patchOf(
    only,
    { group: 'storage.k8s.io', version: 'v1', resource: 'storageclasses' },
    { metadata: { annotations: { 'storageclass.kubernetes.io/is-default-class': 'true' } } },
  );
}

/** Of a pod that has a node: attach and mount. */
export const volumeCheck: Check = {
  id: 'volumes',
  title: { zh: '卷与挂载', en: 'Volumes' },
  needs: ['Event', 'PersistentVolumeClaim'],
  looked: (pod, world) => [
    ...claimNames(pod)
      .map((name) => world.get('PersistentVolumeClaim', pod.metadata.namespace ?? '', name))
      .filter((claim) => claim !== undefined)
      .map((claim) => field(claim, 'status.phase')),
    field(pod, 'spec.volumes', (pod.spec?.volumes ?? []).map((one: Json) => one?.name).join(', ')),
  ],
  run(pod, world) {
    if (isOver(pod) || !pod.spec?.nodeName || isStarted(pod)) return [];
    const told = world.events(pod);
    const hits: Hit[] = [];
    const attach = told.find(({ reason }) => reason === 'FailedAttachVolume');
    const mount = told.find(({ reason }) => reason === 'FailedMount' || reason === 'FailedMapVolume');
    if (attach !== undefined) hits.push(attached(pod, attach.message, event(pod, attach), world));
    if (
      mount !== undefined &&
      !(attach !== undefined && /timed out waiting for the condition|unmounted volumes/.test(mount.message))
    )
      hits.push(mounted(pod, mount.message, event(pod, mount), world));
    return hits;
  },
};

/** A container that ran has its volumes: old mount events are history. */
function isStarted(pod: KubeObject): boolean {
  const statuses: Json[] = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  return statuses.some((status) => status?.state?.running !== undefined || Number(status?.restartCount ?? 0) > 0);
}

function attached(pod: KubeObject, message: string, evidence: Evidence, world: World): Hit {
  const volume = /for volume "([^"]+)"/.exec(message)?.[1] ?? '?';
  const attachment = world
    .all('VolumeAttachment')
    .find(
      (one) =>
        one.spec?.source?.persistentVolumeName === volume &&
        (one.status?.attachError ?? one.status?.attached) !== undefined,
    );
  const more: Evidence[] = [];
  if (attachment?.status?.attachError !== undefined) more.push(field(attachment, 'status.attachError.message'));
  else if (attachment !== undefined) more.push(field(attachment, 'spec.nodeName'));
  const commands = ['kubectl get volumeattachments', kubectl('describe', pod)];
  const holders = /used by pod\(s\) ([^"]+)$/.exec(message)?.[1];
  if (holders !== undefined)
    commands.unshift(
      `kubectl get pods -A -o wide --field-selector metadata.name=${sh(holders.split(/[,\s]/)[0] ?? '')}`,
    );
  return hit('P-ATTACH', pod, {
    params: {
      volume,
      node: pod.spec?.nodeName ?? '',
      reason: message.replace(/^.*?for volume "[^"]+"\s*:?\s*/, '') || message,
    },
    evidence: [evidence, ...more],
    commands,
  });
}

function mounted(pod: KubeObject, message: string, evidence: Evidence, world: World): Hit {
  const volume =
    /for volume "([^"]+)"/.exec(message)?.[1] ?? /unmounted volumes=\[([^\]]+)\]/.exec(message)?.[1] ?? '?';
  const namespace = pod.metadata.namespace ?? '';
  const missing = /(configmap|secret) "([^"]+)" not found/i.exec(message);
  const more: Evidence[] = [];
  const commands = [kubectl('describe', pod)];
  if (missing !== null) {
    const [, kind = '', name = ''] = missing;
    commands.unshift(
      kind.toLowerCase() === 'secret'
        ? `kubectl create secret generic ${sh(name)} -n ${sh(namespace)} --from-file=KEY=FILE`
        : `kubectl create configmap ${sh(name)} -n ${sh(namespace)} --from-file=KEY=FILE`,
    );
    const near = nearest(name, world.within(kind.toLowerCase() === 'secret' ? 'Secret' : 'ConfigMap', namespace));
    if (near !== undefined) more.push(field(near, 'metadata.name'));
  }
  return hit('P-MOUNT', pod, {
    params: { volume, reason: message.replace(/^MountVolume\.\S+ (failed|succeeded) for volume "[^"]+"\s*:\s*/, '') },
    evidence: [evidence, ...more],
    commands,
  });
}

/** An object whose name differs by little: most often it is a slip of the pen. */
export function nearest(name: string, objects: readonly KubeObject[]): KubeObject | undefined {
  const ranked = objects
    .map((object) => ({ object, far: distance(name, object.metadata.name ?? '') }))
    .filter(({ far }) => far <= Math.max(2, Math.floor(name.length / 3)))
    .sort((a, b) => a.far - b.far);
  return ranked[0]?.object;
}

/** Levenshtein, for short names. */
export function distance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 40) return 100;
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++)
      next.push(
        Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)),
      );
    row = next;
  }
  return row[b.length] ?? 0;
}
