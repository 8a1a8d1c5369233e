import { judge } from '../../test-support.ts';
import { validateVolumes } from './volumes.ts';

const files = (items: object[], more: object = {}): unknown => ({ configMap: { name: 'c', items, ...more } });
const token = (more: object): unknown => ({
  projected: { sources: [{ serviceAccountToken: { path: 'token', expirationSeconds: 3600, ...more } }] },
});
const twice = (path: string): unknown => ({
  projected: {
    sources: [
      { secret: { name: 's', items: [{ key: 'a', path: 'same' }] } },
      { configMap: { name: 'c', items: [{ key: 'a', path }] } },
    ],
  },
});
const claim = (spec: object): unknown => ({ ephemeral: { volumeClaimTemplate: { spec } } });
const MODE = 'must be a number between 0 and 0777 (octal), both inclusive';

judge(
  (volumes: object[]) => validateVolumes(volumes, 'v', 'pod', true).errors,
  [
    ['a volume has a name', [{ emptyDir: {} }], ['v[0].name: Required value'], [{ name: 'a', emptyDir: {} }]],
    [
      'a name is used once',
      [
        { name: 'a', emptyDir: {} },
        { name: 'a', hostPath: { path: '/a' } },
      ],
      ['v[1].name: Duplicate value: "a"'],
      [
        { name: 'a', emptyDir: {} },
        { name: 'b', emptyDir: {} },
      ],
    ],
  ],
);

judge(
  (volume: object) => validateVolumes([{ name: 'a', ...volume }], 'v', 'pod', true).errors,
  [
    ['a volume is made of something', {}, ['v[0]: Required value: must specify a volume type'], { emptyDir: {} }],
    [
      'a volume is made of one thing',
      { secret: { secretName: 's' }, emptyDir: {} },
      ['v[0].secret: Forbidden: may not specify more than 1 volume type'],
      { secret: { secretName: 's' } },
    ],
    [
      'a directory of the node is of a known type',
      { hostPath: { path: '/a', type: 'Folder' } },
      [
        'v[0].hostPath.type: Unsupported value: "Folder": supported values: "", "BlockDevice", "CharDevice", "Directory", "DirectoryOrCreate", "File", "FileOrCreate", "Socket"',
      ],
      { hostPath: { path: '/a', type: 'DirectoryOrCreate' } },
    ],
    [
      'a directory of the node is where it says',
      { hostPath: { path: '/a/../b' } },
      ['v[0].hostPath.path: Invalid value: "/a/../b": must not contain \'..\''],
      { hostPath: { path: '/a..b' } },
    ],
    [
      'a size is not negative',
      { emptyDir: { sizeLimit: '-1Gi' } },
      ['v[0].emptyDir.sizeLimit: Forbidden: SizeLimit field must be a valid resource quantity'],
      { emptyDir: { sizeLimit: '1Gi', medium: 'Memory' } },
    ],
    [
      'a file has permissions of Unix',
      files([{ key: 'a', path: 'a', mode: 512 }], { defaultMode: -1 }),
      [
        `v[0].configMap.defaultMode: Invalid value: -1: ${MODE}`,
        `v[0].configMap.items[0].mode: Invalid value: 512: ${MODE}`,
      ],
      files([{ key: 'a', path: 'a', mode: 0o777 }]),
    ],
    [
      'a file keeps out of the names of the kubelet',
      files([{ key: 'a', path: '..data' }]),
      ['v[0].configMap.items[0].path: Invalid value: "..data": must not start with \'..\''],
      files([{ key: 'a', path: '.data/a' }]),
    ],
    [
      'a file has a key and a path',
      files([{}]),
      ['v[0].configMap.items[0].key: Required value', 'v[0].configMap.items[0].path: Required value'],
      files([]),
    ],
    [
      'a secret is named',
      { secret: { optional: true } },
      ['v[0].secret.secretName: Required value'],
      { secret: { secretName: 's', optional: true } },
    ],
    [
      'a claim is named',
      { persistentVolumeClaim: {} },
      ['v[0].persistentVolumeClaim.claimName: Required value'],
      { persistentVolumeClaim: { claimName: 'c' } },
    ],
    [
      'a file shows something of the pod',
      { downwardAPI: { items: [{ path: 'a' }] } },
      ['v[0].downwardAPI: Required value: one of fieldRef and resourceFieldRef is required'],
      { downwardAPI: { items: [{ path: 'a', fieldRef: { apiVersion: 'v1', fieldPath: 'metadata.labels' } }] } },
    ],
    [
      'resources in a file are those of a container',
      { downwardAPI: { items: [{ path: 'a', resourceFieldRef: { resource: 'limits.cpu' } }] } },
      ['v[0].downwardAPI.resourceFieldRef.containerName: Required value'],
      { downwardAPI: { items: [{ path: 'a', resourceFieldRef: { containerName: 'c', resource: 'limits.cpu' } }] } },
    ],
    [
      'a token lives for ten minutes',
      token({ expirationSeconds: 599 }),
      [
        'v[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 599: may not specify a duration less than 10 minutes',
      ],
      token({ expirationSeconds: 600 }),
    ],
    [
      'projected files do not hide each other',
      twice('same'),
      ['v[0].projected: Invalid value: "c": conflicting duplicate paths'],
      twice('other'),
    ],
    [
      'a projected source is one source',
      { projected: { sources: [{ secret: { name: 's' }, configMap: { name: 'c' } }] } },
      ['v[0].projected.sources[0]: Forbidden: may not specify more than 1 volume type per source'],
      { projected: { sources: [{ secret: { name: 's' } }, { configMap: { name: 'c' } }] } },
    ],
    [
      'a driver is named like a domain',
      { csi: { driver: 'a_b' } },
      [
        "v[0].csi.driver: Invalid value: \"a_b\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
      ],
      { csi: { driver: 'Secrets.CSI.example.org' } },
    ],
    [
      'a volume of the pod asks for a size',
      claim({ accessModes: ['ReadWriteOnce'] }),
      ['v[0].ephemeral.volumeClaimTemplate.spec.resources[storage]: Required value'],
      claim({ accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } }),
    ],
    [
      'a network file system has an absolute path',
      { nfs: { server: 's', path: 'a' } },
      ['v[0].nfs.path: Invalid value: "a": must be an absolute path'],
      { nfs: { server: 's', path: '/a' } },
    ],
    [
      'an iSCSI name is of a known form',
      { iscsi: { targetPortal: 'p', iqn: 'disk-1' } },
      ['v[0].iscsi.iqn: Invalid value: "disk-1": must be valid format starting with iqn, eui, or naa'],
      { iscsi: { targetPortal: 'p', iqn: 'iqn.2001-04.com.example:storage.disk1' } },
    ],
  ],
);
