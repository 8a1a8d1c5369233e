/** Priority: the number behind a pod's priority class, and at most one class that is the default. Source: "Pod Priority and Preemption". */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { forbidden } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin, KindDefinition } from '../types.ts';
import { subjectOf } from './subject.ts';

/** Known even where nobody has created them. */
const SYSTEM_PRIORITIES: Record<string, number> = {
  'system-node-critical': 2_000_001_000,
  'system-cluster-critical': 2_000_000_000,
};

export function priority(store: ObjectStore): AdmissionPlugin {
  const classes = store.collection('scheduling.k8s.io/priorityclasses');
  /** Of several defaults the lowest counts. */
  const defaultClass = (): KubeObject | undefined => {
    let lowest: KubeObject | undefined;
    for (const { object } of classes.items.values())
      if (object.globalDefault === true && (lowest === undefined || object.value < lowest.value)) lowest = object;
    return lowest;
  };
  const isPod = (kind: KindDefinition) => kind.group === '' && kind.resource === 'pods';
  const isClass = (kind: KindDefinition) => kind.group === 'scheduling.k8s.io' && kind.resource === 'priorityclasses';
  return {
    name: 'Priority',
    matches: (kind, operation, subresource) =>
      subresource === '' && ((isPod(kind) && operation !== 'DELETE') || (isClass(kind) && operation !== 'DELETE')),
    mutate: (request) => {
      const { object, kind, operation, old } = request;
      if (!isPod(kind)) return;
      const name = subjectOf(request);
      const spec = object!.spec ?? {};
      object!.spec = spec;
      if (operation === 'UPDATE') {
        // Clients that send the whole object from an older schema must not lose what was computed.
        if (old !== null && spec.priority === undefined && old.spec?.priority !== undefined)
          spec.priority = old.spec.priority;
        if (old !== null && spec.preemptionPolicy === undefined && old.spec?.preemptionPolicy !== undefined)
          spec.preemptionPolicy = old.spec.preemptionPolicy;
        return;
      }
      const wanted: string = spec.priorityClassName ?? '';
      const found = wanted === '' ? defaultClass() : classes.latest(wanted)?.object;
      const system = SYSTEM_PRIORITIES[wanted];
      if (wanted !== '' && found === undefined && system === undefined)
        throw forbidden(kind, name, `no PriorityClass with name ${wanted} was found`);
      if (found !== undefined) spec.priorityClassName = found.metadata.name;
      const value: number = found?.value ?? system ?? 0;
      const preemption: string = found?.preemptionPolicy ?? 'PreemptLowerPriority';
      const given = 'from the given PriorityClass name';
      if (spec.priority !== undefined && spec.priority !== value)
        throw forbidden(
          kind,
          name,
          `the integer value of priority (${spec.priority}) must not be provided in pod spec; priority admission controller computed ${value} ${given}`,
        );
      if (spec.preemptionPolicy !== undefined && spec.preemptionPolicy !== preemption)
        throw forbidden(
          kind,
          name,
          `the string value of PreemptionPolicy (${spec.preemptionPolicy}) must not be provided in pod spec; priority admission controller computed ${preemption} ${given}`,
        );
      spec.priority = value;
      spec.preemptionPolicy = preemption;
    },
    validate: ({ object, kind, name }) => {
      if (!isClass(kind) || object!.globalDefault !== true) return;
      const present = defaultClass();
      if (present !== undefined && present.metadata.name !== name)
        throw forbidden(
          kind,
          name,
          `PriorityClass ${present.metadata.name} is already marked as default. Only one default can exist`,
        );
    },
  };
}
