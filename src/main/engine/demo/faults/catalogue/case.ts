/** One of the recorded cases (cases/): a state of pods, nodes, Services or Ingresses that a diagnosis has to explain. */
import { caseOf } from '../cases/index.ts';
import { startCase, stopCase } from '../cases/stage.ts';
import type { FaultDefinition } from '../types.ts';

export const recordedCase: FaultDefinition = {
  id: 'case',
  scope: 'case',
  parameters: [],
  effect: {
    kind: 'staged',
    async start({ client, as, caches }, target) {
      const one = caseOf(target ?? '');
      const nodes = caches.nodes.list().filter((node) => node.metadata.labels?.['demo.fleetdeck/case'] === undefined);
      const worker = nodes
        .map(({ metadata }) => metadata.name ?? '')
        .sort()
        .at(-1);
      const [storageClass] = caches.storageClasses.list();
      const place = { node: worker ?? '', driver: String(storageClass?.provisioner ?? '') };
      if (one !== undefined) await startCase({ client, as }, one, place);
    },
    async stop({ client }, target) {
      const one = caseOf(target ?? '');
      if (one !== undefined) await stopCase(client, one);
    },
  },
};
