import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { rejection } from './admission.ts';

const node = (status: Json = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: 'n', labels: { disk: 'ssd' } },
  status: { allocatable: { cpu: '4', memory: '8Gi', pods: '3', ...status } },
});
const pod = (requests: Json = {}, spec: Json = {}): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'default' },
  spec: { containers: [{ name: 'c', resources: { requests } }], ...spec },
});

describe('a kubelet', () => {
  test('takes a pod that has room', () => {
    expect(rejection(pod({ cpu: '1' }), node(), [pod({ cpu: '3' })])).toBeNull();
    expect(rejection(pod({}, { nodeSelector: { disk: 'ssd' } }), node(), [])).toBeNull();
  });
  test('refuses one that asks for more than is left, with figures', () => {
    expect(rejection(pod({ cpu: '1500m' }), node(), [pod({ cpu: '3' })])).toEqual({
      reason: 'OutOfcpu',
      message: "Node didn't have enough resource: cpu, requested: 1500, used: 3000, capacity: 4000",
    });
  });
  test('refuses what is made for another system', () => {
    expect(rejection(pod({}, { os: { name: 'linux' } }), node(), [])).toBeNull();
    expect(rejection(pod({}, { os: { name: 'windows' } }), node(), [])?.reason).toBe('PodOSNotSupported');
  });
  test('refuses one too many, and one that asks for another node', () => {
    expect(rejection(pod(), node(), [pod(), pod(), pod()])?.reason).toBe('OutOfpods');
    expect(rejection(pod({}, { nodeSelector: { disk: 'hdd' } }), node(), [])?.reason).toBe('NodeAffinity');
  });
  test('refuses one whose port of the node another one has', () => {
    const at = (hostPort: number, protocol = 'TCP') =>
      pod({}, { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort, protocol }] }] });
    expect(rejection(at(8080), node(), [at(8080)])).toEqual({
      reason: 'NodePorts',
      message: "Predicate NodePorts failed: node(s) didn't have free ports for the requested pod ports",
    });
    expect(rejection(at(8080), node(), [at(8081), at(8080, 'UDP')])).toBeNull();
    // Addresses of the node are apart; none is all of them.
    const on = (hostIP: string) =>
      pod({}, { containers: [{ name: 'c', ports: [{ containerPort: 80, hostPort: 8080, hostIP }] }] });
    expect(rejection(on('127.0.0.1'), node(), [on('10.0.0.1')])).toBeNull();
    expect(rejection(on('127.0.0.1'), node(), [on('127.0.0.1')])?.reason).toBe('NodePorts');
    expect(rejection(on('127.0.0.1'), node(), [at(8080)])?.reason).toBe('NodePorts');
  });
});
