/** The small workload that a drill brings along: the manual's nginx, one to one over two members (5.4). */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type PropagationPolicy, TAINTS } from '../api.ts';
import { schedulingFor } from './shift.ts';

export const SAMPLE = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: 'default',
  name: 'takeover-drill',
} as const;
const REPLICAS = 4;

export function sampleTemplate(): KubeObject {
  const labels = { app: SAMPLE.name };
  return {
    apiVersion: SAMPLE.apiVersion,
    kind: SAMPLE.kind,
    metadata: { name: SAMPLE.name, namespace: SAMPLE.namespace, labels },
    spec: {
      replicas: REPLICAS,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: [{ name: 'nginx', image: 'nginx', resources: { requests: { cpu: '10m', memory: '16Mi' } } }],
        },
      },
    },
  };
}

/** It leaves a lost member at once: the drill measures the take-over, not a toleration. */
export function samplePolicy(clusters: readonly string[]): PropagationPolicy {
  return {
    apiVersion: 'policy.karmada.io/v1alpha1',
    kind: 'PropagationPolicy',
    metadata: { name: SAMPLE.name, namespace: SAMPLE.namespace },
    spec: {
      resourceSelectors: [{ apiVersion: SAMPLE.apiVersion, kind: SAMPLE.kind, name: SAMPLE.name }],
      placement: {
        clusterAffinity: { clusterNames: [...clusters] },
        clusterTolerations: [TAINTS.notReady, TAINTS.unreachable].map((key) => ({
          key,
          operator: 'Exists',
          effect: 'NoExecute',
          tolerationSeconds: 0,
        })),
        replicaScheduling: schedulingFor(Object.fromEntries(clusters.map((name) => [name, 1]))),
      },
    },
  };
}
