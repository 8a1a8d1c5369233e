/** A node runs out of memory, disk or process ids: it is tainted and kubelet evicts pods. */
import type { FaultDefinition } from '../types.ts';

export const nodePressure: FaultDefinition = {
  id: 'node-pressure',
  scope: 'node',
  parameters: [{ name: 'resource', type: 'choice', choices: ['memory', 'disk', 'pid'], initial: 'memory' }],
  effect: {
    kind: 'annotation',
    on: 'object',
    behaviour: ({ resource }) => `${resource}-pressure`,
    valuesOf(behaviour) {
      const resource = /^(memory|disk|pid)-pressure$/.exec(behaviour)?.[1];
      return resource === undefined ? undefined : { resource };
    },
  },
};
