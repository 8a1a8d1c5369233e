import { describe, expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { nodeStates, place } from './fit.ts';

const ZONE = 'topology.kubernetes.io/zone';

function node(name: string, zone: string, spec: Json = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Node',
    metadata: { name, labels: { [ZONE]: zone, 'kubernetes.io/hostname': name } },
    spec,
    status: { allocatable: { cpu: '8', memory: '16Gi', pods: '110' } },
  };
}

let serial = 0;
function pod(spec: Json, labels: Record<string, string> = { app: 'x' }, namespace = 'default'): KubeObject {
  serial += 1;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `p${serial}`, namespace, uid: `u${serial}`, labels },
    spec: { containers: [{ name: 'c', image: 'nginx' }], ...spec },
  };
}

const spread = (more: Json = {}) => ({
  topologySpreadConstraints: [
    {
      maxSkew: 1,
      topologyKey: ZONE,
      whenUnsatisfiable: 'DoNotSchedule',
      labelSelector: { matchLabels: { app: 'x' } },
      ...more,
    },
  ],
});
const REFUSED = "node(s) didn't match pod topology spread constraints";

describe('topology spread constraints', () => {
  test('with fewer domains than minDomains the fewest is none', () => {
    const nodes = [node('a', 'z1'), node('b', 'z2')];
    const running = [pod({ nodeName: 'a' }), pod({ nodeName: 'b' })];
    expect(place(pod(spread()), nodeStates(nodes, running)).node).not.toBeNull();
    expect(place(pod(spread({ minDomains: 3 })), nodeStates(nodes, running)).message).toContain(`2 ${REFUSED}`);
  });

  test('matchLabelKeys count only pods of the same revision', () => {
    const nodes = [node('a', 'z1'), node('b', 'z2', { unschedulable: true })];
    const old = pod({ nodeName: 'a' }, { app: 'x', rev: '1' });
    const next = { app: 'x', rev: '2' };
    expect(place(pod(spread(), next), nodeStates(nodes, [old])).node).toBeNull();
    expect(place(pod(spread({ matchLabelKeys: ['rev', 'absent'] }), next), nodeStates(nodes, [old])).node).toBe('a');
  });

  test('nodes the pod may not use by its affinity do not count unless the policy ignores that', () => {
    const nodes = [node('a', 'z1'), node('b', 'z2')];
    const running = [pod({ nodeName: 'a' })];
    const only = { nodeSelector: { 'kubernetes.io/hostname': 'a' } };
    expect(place(pod({ ...spread(), ...only }), nodeStates(nodes, running)).node).toBe('a');
    const ignoring = pod({ ...spread({ nodeAffinityPolicy: 'Ignore' }), ...only });
    expect(place(ignoring, nodeStates(nodes, running)).message).toContain(`1 ${REFUSED}`);
  });

  test('tainted nodes count unless the policy honours taints', () => {
    const taints = [{ key: 'dedicated', value: 'db', effect: 'NoSchedule' }];
    const nodes = [node('a', 'z1'), node('b', 'z2', { taints })];
    const running = [pod({ nodeName: 'a' })];
    expect(place(pod(spread()), nodeStates(nodes, running)).message).toContain(`1 ${REFUSED}`);
    expect(place(pod(spread({ nodeTaintsPolicy: 'Honor' })), nodeStates(nodes, running)).node).toBe('a');
  });

  test('a constraint that is only a wish moves the pod and stops nobody', () => {
    const nodes = [node('a', 'z1'), node('b', 'z2', { taints: [{ key: 'k', effect: 'NoSchedule' }] })];
    const wish = spread({ whenUnsatisfiable: 'ScheduleAnyway' });
    const running = [pod({ nodeName: 'a' }), pod({ nodeName: 'a' }, { app: 'y' })];
    expect(place(pod(wish), nodeStates(nodes, running)).node).toBe('a');
    expect(place(pod(wish), nodeStates([node('a', 'z1'), node('b', 'z2')], running)).node).toBe('b');
  });
});

describe('affinity between pods', () => {
  const near = (term: Json) => ({
    affinity: { podAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, ...term }] } },
  });
  const away = (term: Json) => ({
    affinity: { podAntiAffinity: { requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: ZONE, ...term }] } },
  });
  const labelSelector = { matchLabels: { app: 'cache' } };
  const nodes = [node('a', 'z1'), node('b', 'z2')];
  const cache = pod({ nodeName: 'b' }, { app: 'cache' }, 'infra');
  const states = nodeStates(nodes, [cache]);
  const labels: Record<string, Record<string, string>> = { infra: { team: 'core' }, default: {} };
  const surroundings = { namespaces: (name: string) => labels[name], volumes: () => undefined };

  test.each([
    ['its own namespace unless told otherwise', { labelSelector }, null],
    ['namespaces by name', { labelSelector, namespaces: ['infra'] }, 'b'],
    ['namespaces by label', { labelSelector, namespaceSelector: { matchLabels: { team: 'core' } } }, 'b'],
    ['other labels', { labelSelector, namespaceSelector: { matchLabels: { team: 'web' } } }, null],
    ['all namespaces', { labelSelector, namespaceSelector: {} }, 'b'],
  ] as const)('looks at %s', (_name, term, expected) => {
    expect(place(pod(near(term)), states, surroundings).node).toBe(expected);
  });

  test('anti-affinity by label of the namespace keeps away from it', () => {
    const term = { labelSelector, namespaceSelector: { matchLabels: { team: 'core' } } };
    expect(place(pod(away(term)), states, surroundings).node).toBe('a');
  });

  test('label keys narrow a term to the same revision, or to every other', () => {
    const old = pod({ nodeName: 'a' }, { app: 'x', rev: '1' });
    const selector = { matchLabels: { app: 'x' } };
    const alone = nodeStates([node('a', 'z1')], [old]);
    const next = { app: 'x', rev: '2' };
    expect(place(pod(away({ labelSelector: selector, matchLabelKeys: ['rev'] }), next), alone).node).toBe('a');
    expect(place(pod(away({ labelSelector: selector, mismatchLabelKeys: ['rev'] }), next), alone).node).toBeNull();
  });

  test('the first of a group may start anywhere that has the label', () => {
    const group = pod(near({ labelSelector: { matchLabels: { app: 'x' } } }));
    expect(place(group, states).node).not.toBeNull();
    expect(place(pod(near({ labelSelector })), nodeStates(nodes, [])).message).toContain(
      "didn't match pod affinity rules",
    );
  });
});
