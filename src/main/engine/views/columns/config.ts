/** Configuration, identities, access and storage. Of a Secret only its type and the number of its entries is shown. */
import {
  age,
  deleting,
  joined,
  type KindDefinition,
  keysOf,
  type Level,
  list,
  number,
  quantity,
  status,
  str,
  strings,
  text,
} from './define.ts';

export const configMaps: KindDefinition = {
  resource: 'configmaps',
  columns: [number('data', 'Data', (map) => keysOf(map.data).length + keysOf(map.binaryData).length), age],
};

export const secrets: KindDefinition = {
  resource: 'secrets',
  columns: [
    text('type', 'Type', (secret) => str(secret.type)),
    number('data', 'Data', (secret) => keysOf(secret.data).length),
    age,
  ],
};

export const serviceAccounts: KindDefinition = {
  resource: 'serviceaccounts',
  columns: [number('secrets', 'Secrets', (account) => list(account.secrets).length), age],
};

const rules = number('rules', 'Rules', (role) => list(role.rules).length);
export const roles: KindDefinition = { resource: 'roles.rbac.authorization.k8s.io', columns: [rules, age] };
export const clusterRoles: KindDefinition = {
  resource: 'clusterroles.rbac.authorization.k8s.io',
  columns: [rules, text('aggregated', 'Aggregated', (role) => (role.aggregationRule == null ? null : 'True'), 1), age],
};

const bindingColumns = [
  text('role', 'Role', (binding) => `${binding.roleRef?.kind ?? ''}/${binding.roleRef?.name ?? ''}`),
  text('subjects', 'Subjects', (binding) =>
    joined(
      list(binding.subjects).map((subject) =>
        subject.namespace === undefined
          ? `${subject.kind}/${subject.name}`
          : `${subject.kind}/${subject.namespace}/${subject.name}`,
      ),
    ),
  ),
  age,
];
export const roleBindings: KindDefinition = {
  resource: 'rolebindings.rbac.authorization.k8s.io',
  columns: bindingColumns,
};
export const clusterRoleBindings: KindDefinition = {
  resource: 'clusterrolebindings.rbac.authorization.k8s.io',
  columns: bindingColumns,
};

const SHORT_MODES: Record<string, string> = {
  ReadWriteOnce: 'RWO',
  ReadOnlyMany: 'ROX',
  ReadWriteMany: 'RWX',
  ReadWriteOncePod: 'RWOP',
};
function accessModes(value: unknown): string | null {
  return joined(
    strings(value).map((mode) => SHORT_MODES[mode] ?? mode),
    4,
  );
}

const PHASE_LEVEL: Record<string, Level> = {
  Bound: 'ok',
  Available: 'ok',
  Pending: 'progressing',
  Released: 'warning',
  Lost: 'error',
  Failed: 'error',
};

export const persistentVolumes: KindDefinition = {
  resource: 'persistentvolumes',
  columns: [
    quantity('capacity', 'Capacity', (volume) => str(volume.spec?.capacity?.storage)),
    text('accessModes', 'Access Modes', (volume) => accessModes(volume.spec?.accessModes)),
    text('reclaimPolicy', 'Reclaim Policy', (volume) => str(volume.spec?.persistentVolumeReclaimPolicy)),
    status('status', 'Status', (volume) => (deleting(volume) ? 'Terminating' : str(volume.status?.phase))),
    text('claim', 'Claim', (volume) =>
      volume.spec?.claimRef == null ? null : `${volume.spec.claimRef.namespace}/${volume.spec.claimRef.name}`,
    ),
    text('storageClass', 'StorageClass', (volume) => str(volume.spec?.storageClassName)),
    text('reason', 'Reason', (volume) => str(volume.status?.reason), 1),
    age,
  ],
  level: (volume) => (deleting(volume) ? 'progressing' : (PHASE_LEVEL[String(volume.status?.phase)] ?? 'none')),
};

export const persistentVolumeClaims: KindDefinition = {
  resource: 'persistentvolumeclaims',
  columns: [
    status('status', 'Status', (claim) => (deleting(claim) ? 'Terminating' : str(claim.status?.phase))),
    text('volume', 'Volume', (claim) => str(claim.spec?.volumeName)),
    quantity(
      'capacity',
      'Capacity',
      (claim) => str(claim.status?.capacity?.storage) ?? str(claim.spec?.resources?.requests?.storage),
    ),
    text('accessModes', 'Access Modes', (claim) => accessModes(claim.status?.accessModes ?? claim.spec?.accessModes)),
    text('storageClass', 'StorageClass', (claim) => str(claim.spec?.storageClassName)),
    age,
  ],
  level: (claim) => (deleting(claim) ? 'progressing' : (PHASE_LEVEL[String(claim.status?.phase)] ?? 'none')),
};

const DEFAULT_CLASS = 'storageclass.kubernetes.io/is-default-class';
export const storageClasses: KindDefinition = {
  resource: 'storageclasses.storage.k8s.io',
  columns: [
    text('default', 'Default', (object) => (object.metadata.annotations?.[DEFAULT_CLASS] === 'true' ? 'True' : null)),
    text('provisioner', 'Provisioner', (object) => str(object.provisioner)),
    text('reclaimPolicy', 'ReclaimPolicy', (object) => str(object.reclaimPolicy) ?? 'Delete'),
    text('bindingMode', 'VolumeBindingMode', (object) => str(object.volumeBindingMode) ?? 'Immediate'),
    text('expansion', 'AllowVolumeExpansion', (object) => String(object.allowVolumeExpansion === true)),
    age,
  ],
};
