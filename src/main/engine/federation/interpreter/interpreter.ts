/** What federation asks about an object of any kind, whoever answers. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem } from '../api.ts';
import { aggregateStatus } from './aggregate.ts';
import { type Dependency, getDependencies } from './dependencies.ts';
import { isHealthy } from './health.ts';
import { reflectStatus } from './reflect.ts';
import { canRevise, getReplicas, type ReplicaDemand, reviseReplicas } from './replicas.ts';
import { retainKind } from './retain.ts';

export interface Interpreter {
  /** Null for kinds whose replicas are not counted. */
  getReplicas(object: KubeObject): ReplicaDemand | null;
  canRevise(object: KubeObject): boolean;
  reviseReplicas(object: KubeObject, replicas: number): KubeObject;
  retain(desired: KubeObject, observed: KubeObject): KubeObject;
  reflectStatus(object: KubeObject): Json | undefined;
  /** Undefined when the template's status stays as it is. */
  aggregateStatus(template: KubeObject, items: readonly AggregatedStatusItem[]): Json | undefined;
  isHealthy(object: KubeObject): boolean;
  /** Null for kinds that know no dependencies. */
  getDependencies(object: KubeObject): Dependency[] | null;
}

export const builtIn: Interpreter = {
  getReplicas,
  canRevise,
  reviseReplicas,
  retain: retainKind,
  reflectStatus,
  aggregateStatus,
  isHealthy,
  getDependencies,
};
