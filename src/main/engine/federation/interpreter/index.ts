/** The built-in resource interpreter: what federation has to know about kinds. Source: Karmada's native interpreter. */
export { aggregateStatus } from './aggregate.ts';
export { type Dependency, getDependencies } from './dependencies.ts';
export { isHealthy } from './health.ts';
export { prune } from './prune.ts';
export { reflectStatus } from './reflect.ts';
export { canRevise, getReplicas, type ReplicaDemand, reviseReplicas } from './replicas.ts';
export { retainKind } from './retain.ts';
