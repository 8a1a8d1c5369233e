/** flowcontrol.apiserver.k8s.io/v1: data here, since requests are not queued. Source: API reference. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, text } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { validateFlowSchema, validatePriorityLevel } from './validation/flow-control.ts';

/** The order in which they are asked about a request. */
const byPrecedence = (a: KubeObject, b: KubeObject): number =>
  (a.spec?.matchingPrecedence ?? 0) - (b.spec?.matchingPrecedence ?? 0) ||
  ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1);

export const flowcontrol: KindDefinition[] = defineKinds(
  'flowcontrol.apiserver.k8s.io',
  'v1',
  'io.k8s.api.flowcontrol.v1',
  [
    {
      kind: 'FlowSchema',
      resource: 'flowschemas',
      namespaced: false,
      subresources: ['status'],
      generation: 'spec',
      defaults: (object) => {
        object.spec ??= {};
        object.spec.matchingPrecedence ||= 1000;
      },
      prepare: (object, old) => {
        object.status = old?.status ?? {};
      },
      metaChecks: 'object',
      validate: validateFlowSchema,
      rowOrder: byPrecedence,
      columns: [
        text('PriorityLevel', (object) => object.spec?.priorityLevelConfiguration?.name ?? ''),
        // A number in a column of text, as the real server has it.
        text('MatchingPrecedence', (object) => object.spec?.matchingPrecedence ?? 0),
        text('DistinguisherMethod', (object) => object.spec?.distinguisherMethod?.type ?? '<none>'),
        age,
        text('MissingPL', (object) => {
          const dangling = (object.status?.conditions ?? []).find((each: Json) => each.type === 'Dangling');
          return dangling?.status ?? '?';
        }),
      ],
    },
    {
      kind: 'PriorityLevelConfiguration',
      resource: 'prioritylevelconfigurations',
      namespaced: false,
      subresources: ['status'],
      generation: 'spec',
      defaults: defaultPriorityLevel,
      prepare: (object, old) => {
        object.status = old?.status ?? {};
      },
      metaChecks: 'object',
      validate: validatePriorityLevel,
      columns: [
        text('Type', (object) => object.spec?.type ?? ''),
        text('NominalConcurrencyShares', (object) => object.spec?.limited?.nominalConcurrencyShares ?? '<none>'),
        text('Queues', (object) => queuing(object)?.queues ?? '<none>'),
        text('HandSize', (object) => queuing(object)?.handSize ?? '<none>'),
        text('QueueLengthLimit', (object) => queuing(object)?.queueLengthLimit ?? '<none>'),
        age,
      ],
    },
  ],
);

const queuing = (object: KubeObject): Json => object.spec?.limited?.limitResponse?.queuing;

function defaultPriorityLevel(object: KubeObject): void {
  const { limited, exempt } = object.spec ?? {};
  if (limited) {
    limited.nominalConcurrencyShares ??= 30;
    limited.lendablePercent ??= 0;
    const queues = limited.limitResponse?.queuing;
    if (queues) {
      queues.queues ||= 64;
      queues.handSize ||= 8;
      queues.queueLengthLimit ||= 50;
    }
  }
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0;
    exempt.lendablePercent ??= 0;
  }
}
