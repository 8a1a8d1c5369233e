import { expect, test } from 'vitest';
import { mergeLabelKeys } from './label-keys.ts';

test('labels of the pod narrow the selectors that name their keys', () => {
  const selector = () => ({ matchLabels: { app: 'a' } });
  const narrowed = (operator: string) => ({
    matchLabels: { app: 'a' },
    matchExpressions: [{ key: 'hash', operator, values: ['1'] }],
  });
  const term = { topologyKey: 'zone', labelSelector: selector() };
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p', labels: { app: 'a', hash: '1' } },
    spec: {
      topologySpreadConstraints: [
        { labelSelector: selector(), matchLabelKeys: ['hash', 'none'] },
        { matchLabelKeys: ['hash'] },
      ],
      affinity: {
        podAffinity: {
          preferredDuringSchedulingIgnoredDuringExecution: [
            { weight: 1, podAffinityTerm: { ...term, labelSelector: selector(), matchLabelKeys: ['hash'] } },
          ],
        },
        podAntiAffinity: {
          requiredDuringSchedulingIgnoredDuringExecution: [{ ...term, mismatchLabelKeys: ['hash'] }],
        },
      },
    },
  };
  mergeLabelKeys(pod);
  const { topologySpreadConstraints: spread, affinity } = pod.spec;
  expect(spread.map(({ labelSelector }) => labelSelector)).toEqual([narrowed('In'), undefined]);
  const [preferred] = affinity.podAffinity.preferredDuringSchedulingIgnoredDuringExecution;
  expect(preferred!.podAffinityTerm.labelSelector).toEqual(narrowed('In'));
  const [required] = affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution;
  expect(required!.labelSelector).toEqual(narrowed('NotIn'));
});
