/** Objects of cases, as short as they can be told. Pure. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { BEHAVIOUR_ANNOTATION } from '../../kubelet/behaviour.ts';
import { MACHINE_ANNOTATION } from '../../profiles/joined.ts';
import type { CaseObject, CasePlace } from './types.ts';

export const LABELS = { app: 'app' };

const CONTAINER = { name: 'app', image: 'nginx:1.29-alpine', ports: [{ containerPort: 80, name: 'http' }] };

/** An ordinary pod that the simulation runs, with its behaviour where that is not the ordinary one. */
export function pod(
  { namespace }: CasePlace,
  spec: Json = {},
  container: Json = {},
  name = 'app',
  behaviour?: string,
): CaseObject {
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name,
        namespace,
        labels: { ...LABELS },
        ...(behaviour === undefined ? {} : { annotations: { [BEHAVIOUR_ANNOTATION]: behaviour } }),
      },
      spec: { containers: [{ ...CONTAINER, ...container }], ...spec },
    },
  };
}

export function deployment(
  { namespace }: CasePlace,
  template: Json = {},
  container: Json = {},
  spec: Json = {},
): CaseObject {
  return {
    object: {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'app', namespace, labels: { ...LABELS } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { ...LABELS } },
        template: {
          metadata: { labels: { ...LABELS } },
          spec: { containers: [{ ...CONTAINER, ...container }], ...template },
        },
        ...spec,
      },
    },
  };
}

export function service({ namespace }: CasePlace, spec: Json = {}, name = 'web'): CaseObject {
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace },
      spec: { selector: { ...LABELS }, ports: [{ name: 'http', port: 80, targetPort: 80 }], ...spec },
    },
  };
}

export function object(apiVersion: string, kind: string, name: string, namespace: string, rest: Json = {}): KubeObject {
  return { apiVersion, kind, metadata: { name, ...(namespace === '' ? {} : { namespace }) }, ...rest };
}

/** A machine of the case itself; only what tolerates the case's taint is placed on it. */
export function machine(
  place: CasePlace,
  more: { is?: string; behaviour?: string; spec?: Json; labels?: Record<string, string>; name?: string } = {},
): CaseObject {
  const name = more.name ?? place.caseNode;
  return {
    object: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: {
        name,
        labels: { 'kubernetes.io/hostname': name, ...more.labels },
        annotations: {
          [MACHINE_ANNOTATION]: more.is ?? '',
          ...(more.behaviour === undefined ? {} : { [BEHAVIOUR_ANNOTATION]: more.behaviour }),
        },
      },
      spec: { taints: [{ key: CASE_TAINT, effect: 'NoSchedule' }], ...more.spec },
    },
  };
}

const CASE_TAINT = 'demo.fleetdeck/case';

/** Of a pod that only the case's machine may run. */
export const onMachine = ({ caseNode }: CasePlace): Json => ({
  nodeSelector: { 'kubernetes.io/hostname': caseNode },
  tolerations: [{ key: CASE_TAINT, operator: 'Exists' }],
});

/** A volume made by hand and the claim that has it: `ReadWriteOnce`, of the cluster's own driver, in no zone. */
export function disk({ namespace, driver }: CasePlace, claim: string): CaseObject[] {
  const name = `${namespace}-${claim}`;
  const shared = { accessModes: ['ReadWriteOnce'], storageClassName: namespace };
  return [
    {
      object: object('v1', 'PersistentVolume', name, '', {
        spec: {
          ...shared,
          capacity: { storage: '1Gi' },
          persistentVolumeReclaimPolicy: 'Retain',
          csi: { driver, volumeHandle: name },
        },
      }),
    },
    {
      object: object('v1', 'PersistentVolumeClaim', claim, namespace, {
        spec: { ...shared, volumeName: name, resources: { requests: { storage: '1Gi' } } },
      }),
    },
  ];
}
