/** Versions without support, and APIs that go. Judged as of June 2026. */
import { describeRules, object, withContainer } from '../../testing.ts';
import { VERSION_RULES } from './index.ts';

const written = (apiVersion: string) =>
  object('autoscaling/v2/HorizontalPodAutoscaler', 'web', {
    metadata: { managedFields: [{ manager: 'helm', apiVersion }] },
  });
const applied = (apiVersion: string) =>
  object('networking.k8s.io/v1/Ingress', 'web', {
    metadata: {
      annotations: {
        'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({ apiVersion, kind: 'Ingress' }),
      },
    },
  });

describeRules(VERSION_RULES, {
  ServerVersionUnsupported: [
    ['long ago', [], ['warning'], 'v1.21.3'],
    ['a while ago', [], ['warning'], 'v1.31.2-eks-1'],
    ['still supported', [], [], 'v1.34.0'],
    ['newer than we know', [], [], 'v1.60.0'],
    ['unknown', [], []],
  ],
  DeprecatedApiInUse: [
    ['written by a program', [written('autoscaling/v2beta2')], ['danger'], 'v1.25.0'],
    ['gone in two versions', [written('autoscaling/v2beta2')], ['warning'], 'v1.23.0'],
    ['applied by kubectl', [applied('extensions/v1beta1')], ['danger'], 'v1.21.0'],
    ['another version that stays', [written('autoscaling/v1')], [], 'v1.25.0'],
    ['applied in its own version', [applied('networking.k8s.io/v1')], [], 'v1.30.0'],
  ],
  RemovedApiInManifest: [
    ['gone', [object('policy/v1beta1/PodDisruptionBudget', 'web')], ['danger'], 'v1.30.0'],
    ['of a server nobody asked', [object('batch/v1beta1/CronJob', 'import')], ['danger']],
    ['still there', [object('policy/v1beta1/PodDisruptionBudget', 'web')], ['warning'], 'v1.24.0'],
    ['the one that stays', [object('policy/v1/PodDisruptionBudget', 'web')], [], 'v1.30.0'],
  ],
  RetiredIngressController: [
    ['the controller', [withContainer({ image: 'registry.k8s.io/ingress-nginx/controller:v1.13.0' })], ['warning app']],
    ['another server of that name', [withContainer({ image: 'nginx/nginx-ingress:5.0' })], []],
  ],
});
