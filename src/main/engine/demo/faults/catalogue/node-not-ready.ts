/** A node that is lost: its kubelet falls silent, or reports that the node's network does not work. */
import type { FaultDefinition } from '../types.ts';

export const nodeNotReady: FaultDefinition = {
  id: 'node-not-ready',
  scope: 'node',
  parameters: [{ name: 'node', type: 'choice', choices: ['down', 'not-ready'], initial: 'down' }],
  effect: {
    kind: 'annotation',
    on: 'object',
    behaviour: ({ node }) => (node === 'not-ready' ? 'not-ready' : 'down'),
    valuesOf: (behaviour) => (behaviour === 'down' || behaviour === 'not-ready' ? { node: behaviour } : undefined),
  },
};
