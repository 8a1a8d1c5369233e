import { describe, expect, test } from 'vitest';
import type { Condition } from '../api.ts';
import { adjustedReady, nodeFacts, podFacts, summarise } from './cluster-summary.ts';

const ready = (status: 'True' | 'False'): Condition => ({ type: 'Ready', status });

describe('figures of a member', () => {
  test('nodes that are not ready count, finished pods do not', () => {
    const node = (name: string, status: string) =>
      nodeFacts({
        apiVersion: 'v1',
        kind: 'Node',
        metadata: { name },
        status: { conditions: [{ type: 'Ready', status }], allocatable: { cpu: '1500m', memory: '1Gi', pods: '110' } },
      });
    const pod = (name: string, phase: string, nodeName?: string) =>
      podFacts({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name },
        spec: { nodeName, containers: [{ name: 'c', resources: { requests: { cpu: '100m', memory: '64Mi' } } }] },
        status: { phase },
      });
    const summary = summarise(
      [node('a', 'True'), node('b', 'False')],
      [pod('1', 'Running', 'a'), pod('2', 'Succeeded', 'a'), pod('3', 'Pending')],
    );
    expect(summary).toEqual({
      nodeSummary: { totalNum: 2, readyNum: 1 },
      resourceSummary: {
        allocatable: { cpu: '3', memory: '2Gi', pods: '220' },
        allocated: { cpu: '100m', memory: '64Mi', pods: '1' },
        allocating: { cpu: '100m', memory: '64Mi', pods: '1' },
      },
    });
  });

  test('the first observation counts at once, a change only after it has lasted', () => {
    const first = adjustedReady(ready('False'), undefined, undefined, 0, 30_000);
    expect(first.condition.status).toBe('False');
    const early = adjustedReady(ready('True'), ready('False'), first.memory, 10_000, 30_000);
    expect(early.condition.status).toBe('False');
    expect(adjustedReady(ready('True'), ready('False'), early.memory, 39_000, 30_000).condition.status).toBe('False');
    expect(adjustedReady(ready('True'), ready('False'), early.memory, 40_000, 30_000).condition.status).toBe('True');
  });
});
