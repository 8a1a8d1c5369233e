/** What is left over, and what only looks so. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { ago, deployment, describeRules, object, withContainer } from '../../testing.ts';
import { HYGIENE_RULES } from './index.ts';

const config = (name = 'settings', metadata: Json = {}): KubeObject => object('v1/ConfigMap', name, { metadata });
const secret = (name = 'password', metadata: Json = {}): KubeObject => object('v1/Secret', name, { metadata });
const claim = (name = 'data'): KubeObject => object('v1/PersistentVolumeClaim', name);
const volumes = (...list: Json[]): KubeObject =>
  deployment({ volumes: list.map((one, i) => ({ name: `v${i}`, ...one })) });
const job = (change: Json): KubeObject => object('batch/v1/Job', 'once', change);
const ended = { completionTime: ago(30 * 86_400) };

const worker = (...taints: Json[]): KubeObject =>
  object('v1/Node', 'n1', { metadata: { namespace: undefined }, spec: { taints } });
const dedicated = { key: 'dedicated', value: 'batch', effect: 'NoSchedule' };
const identity = (name = 'builder'): KubeObject => object('v1/ServiceAccount', name);

describeRules(HYGIENE_RULES, {
  UnusedServiceAccount: [
    ['nobody', [identity(), deployment({})], ['notice']],
    ['runs a workload', [identity(), deployment({ serviceAccountName: 'builder' })], []],
    [
      'has a role',
      [
        identity(),
        object('rbac.authorization.k8s.io/v1/RoleBinding', 'b', {
          roleRef: { kind: 'Role', name: 'r' },
          subjects: [{ kind: 'ServiceAccount', namespace: 'shop', name: 'builder' }],
        }),
      ],
      [],
    ],
    ['what every namespace has', [identity('default')], []],
  ],
  TaintNobodyTolerates: [
    ['nobody', [worker(dedicated), deployment({})], ['notice']],
    [
      'only who tolerates everything',
      [worker(dedicated), deployment({ tolerations: [{ operator: 'Exists' }] })],
      ['notice'],
    ],
    [
      'a workload',
      [worker(dedicated), deployment({ tolerations: [{ key: 'dedicated', value: 'batch', effect: 'NoSchedule' }] })],
      [],
    ],
    ['a taint of a controller', [worker({ key: 'node.kubernetes.io/not-ready', effect: 'NoExecute' })], []],
  ],
  UnusedConfigMap: [
    ['nobody', [config()], ['notice']],
    ['a volume', [config(), volumes({ configMap: { name: 'settings' } })], []],
    ['a projected volume', [config(), volumes({ projected: { sources: [{ configMap: { name: 'settings' } }] } })], []],
    ['the whole environment', [config(), withContainer({ envFrom: [{ configMapRef: { name: 'settings' } }] })], []],
    [
      'a variable',
      [
        config(),
        withContainer({ env: [{ name: 'A', valueFrom: { configMapKeyRef: { name: 'settings', key: 'a' } } }] }),
      ],
      [],
    ],
    ['what every namespace has', [config('kube-root-ca.crt')], []],
    ['what somebody looks after', [config('made', { ownerReferences: [{ kind: 'X', name: 'x', uid: 'x' }] })], []],
    [
      'in another namespace',
      [config(), { ...volumes({ configMap: { name: 'settings' } }), metadata: { name: 'web', namespace: 'other' } }],
      ['notice'],
    ],
  ],
  UnusedSecret: [
    ['nobody', [secret()], ['notice']],
    ['a volume', [secret(), volumes({ secret: { secretName: 'password' } })], []],
    ['pulling images', [secret(), deployment({ imagePullSecrets: [{ name: 'password' }] })], []],
    ['an account', [secret(), object('v1/ServiceAccount', 'app', { imagePullSecrets: [{ name: 'password' }] })], []],
    [
      'an Ingress',
      [secret(), object('networking.k8s.io/v1/Ingress', 'i', { spec: { tls: [{ secretName: 'password' }] } })],
      [],
    ],
    ['a release of Helm', [secret('sh.helm.release.v1.web.v1')], []],
    ['a certificate that is renewed', [secret('tls', { annotations: { 'cert-manager.io/issuer-name': 'x' } })], []],
  ],
  UnusedClaim: [
    ['nobody', [claim()], ['notice']],
    ['a workload', [claim(), volumes({ persistentVolumeClaim: { claimName: 'data' } })], []],
    [
      'a copy that is scaled away',
      [
        claim('data-db-2'),
        object('apps/v1/StatefulSet', 'db', { spec: { volumeClaimTemplates: [{ metadata: { name: 'data' } }] } }),
      ],
      [],
    ],
    ['a pod whose spec was not kept', [claim(), object('v1/Pod', 'p', { placement: { claims: ['data'] } })], []],
  ],
  ReleasedVolume: [
    ['released', [object('v1/PersistentVolume', 'pv', { status: { phase: 'Released' } })], ['notice']],
    ['bound', [object('v1/PersistentVolume', 'pv', { status: { phase: 'Bound' } })], []],
  ],
  ScaledToNothing: [
    ['nothing', [object('apps/v1/Deployment', 'web', { spec: { replicas: 0 } })], ['notice']],
    ['one', [object('apps/v1/Deployment', 'web', { spec: { replicas: 1 } })], []],
  ],
  DuplicateEnvironment: [
    [
      'twice',
      [
        withContainer({
          env: [
            { name: 'A', value: '1' },
            { name: 'A', value: '2' },
          ],
        }),
      ],
      ['notice app'],
    ],
    ['once', [withContainer({ env: [{ name: 'A' }, { name: 'B' }] })], []],
  ],
  FinishedJobKept: [
    ['for a month', [job({ status: ended, spec: {} })], ['notice']],
    [
      'that failed',
      [job({ status: { conditions: [{ type: 'Failed', status: 'True', lastTransitionTime: ago(30 * 86_400) }] } })],
      ['notice'],
    ],
    ['since yesterday', [job({ status: { completionTime: ago(86_400) } })], []],
    ['that will go', [job({ status: ended, spec: { ttlSecondsAfterFinished: 1 } })], []],
    [
      'of a CronJob',
      [job({ status: ended, metadata: { ownerReferences: [{ kind: 'CronJob', name: 'x', uid: 'x' }] } })],
      [],
    ],
    ['still running', [job({ status: {} })], []],
  ],
});
