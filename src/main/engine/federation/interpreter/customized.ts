/**
 * ResourceInterpreterCustomizations: scripts that answer for a kind before the built-in interpreter does, one operation at
 * a time. Source: Karmada API reference, config.karmada.io, and facts of its declarative interpreter.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { AggregatedStatusItem, ReplicaRequirements, ResourceInterpreterCustomization } from '../api.ts';
import { withConditions } from './conditions.ts';
import type { Dependency } from './dependencies.ts';
import { builtIn, type Interpreter } from './interpreter.ts';
import { createScriptRuntime } from './lua/runtime.ts';
import { restored, withoutNulls } from './lua/values.ts';
import { withObserved, withObservedSum } from './observed.ts';

/** Operations by their field, with the function that a script defines for it. */
const ENTRIES = {
  retention: 'Retain',
  replicaResource: 'GetReplicas',
  componentResource: 'GetComponents',
  replicaRevision: 'ReviseReplica',
  statusReflection: 'ReflectStatus',
  statusAggregation: 'AggregateStatus',
  healthInterpretation: 'InterpretHealth',
  dependencyInterpretation: 'GetDependencies',
} as const;
type Operation = keyof typeof ENTRIES;
const OPERATIONS = Object.keys(ENTRIES) as Operation[];

/** A customization does not answer as it should. The message names it, its function and what is wrong. */
export class InterpretError extends Error {
  override readonly name = 'InterpretError';
}

export interface Target {
  apiVersion: string;
  kind: string;
}

export interface Customizations extends Interpreter {
  /** All there are, from now on; returns the kinds for which something is different. */
  set(all: readonly ResourceInterpreterCustomization[]): Target[];
  /** What is wrong with one before it is saved: scripts that cannot be read, operations that another one has. */
  problemsOf(one: ResourceInterpreterCustomization): { field: string; message: string }[];
  close(): void;
}

interface Held {
  owner: string;
  script: string;
}

export function createCustomizations(): Customizations {
  const runtime = createScriptRuntime();
  /** By operation, API version and kind. */
  let held = new Map<string, Held>();
  const keyOf = (operation: Operation, { apiVersion, kind }: Target): string => `${operation} ${apiVersion} ${kind}`;

  function set(all: readonly ResourceInterpreterCustomization[]): Target[] {
    const next = new Map<string, Held>();
    const targets = new Map<string, Target>();
    const age = ({ metadata }: KubeObject): string => `${metadata.creationTimestamp ?? ''} ${metadata.name}`;
    for (const one of [...all].sort((a, b) => (age(a) < age(b) ? -1 : 1))) {
      for (const operation of OPERATIONS) {
        const script = one.spec.customizations?.[operation]?.luaScript;
        const key = keyOf(operation, one.spec.target);
        // The first one keeps an operation; admission refuses others, but what came by another way is here too.
        if (script === undefined || next.has(key)) continue;
        next.set(key, { owner: one.metadata.name ?? '', script });
      }
    }
    const differs = (key: string): boolean => next.get(key)?.script !== held.get(key)?.script;
    for (const key of new Set([...held.keys(), ...next.keys()])) {
      if (!differs(key)) continue;
      const [operation, apiVersion = '', kind = ''] = key.split(' ') as [Operation, string, string];
      targets.set(`${apiVersion} ${kind}`, { apiVersion, kind });
      const script = next.get(key)?.script;
      if (script === undefined) runtime.drop(key);
      else loadQuietly(key, script, ENTRIES[operation]);
    }
    held = next;
    return [...targets.values()];
  }

  /** A script that cannot be read says so whenever it is asked. */
  function loadQuietly(key: string, script: string, entry: string): void {
    try {
      runtime.load(key, script, entry);
    } catch {
      // The question that needs it fails with the reason.
    }
  }

  function problemsOf({ metadata, spec }: ResourceInterpreterCustomization): { field: string; message: string }[] {
    const problems: { field: string; message: string }[] = [];
    for (const operation of OPERATIONS) {
      const script = spec.customizations?.[operation]?.luaScript;
      if (script === undefined) continue;
      const field = `spec.customizations.${operation}.luaScript`;
      const present = held.get(keyOf(operation, spec.target));
      if (present !== undefined && present.owner !== metadata.name)
        problems.push({ field, message: `${present.owner} has this operation of ${spec.target.kind} already` });
      const trial = `trial ${operation}`;
      try {
        runtime.load(trial, script, ENTRIES[operation]);
      } catch (error) {
        problems.push({ field, message: (error as Error).message });
      } finally {
        runtime.drop(trial);
      }
    }
    return problems;
  }

  /** Undefined when no script answers for the kind. */
  function ask(operation: Operation, object: KubeObject, ...more: Json[]): Json[] | undefined {
    const key = keyOf(operation, object);
    const script = held.get(key);
    if (script === undefined) return undefined;
    try {
      return runtime.call(key, ENTRIES[operation], [object, ...more].map(withoutNulls));
    } catch (error) {
      throw new InterpretError(
        `ResourceInterpreterCustomization ${script.owner}, ${ENTRIES[operation]}: ${(error as Error).message}`,
      );
    }
  }
  const answers = (operation: Operation, object: KubeObject): boolean => held.has(keyOf(operation, object));

  return {
    set,
    problemsOf,
    close: () => runtime.close(),
    getReplicas(object) {
      const values = ask('replicaResource', object);
      if (values === undefined) return builtIn.getReplicas(object);
      const requirements = restored(values[1] ?? null, []) as ReplicaRequirements | null;
      const empty = requirements === null || Object.keys(requirements).length === 0;
      return { replicas: Math.max(0, Math.trunc(Number(values[0] ?? 0))), requirements: empty ? null : requirements };
    },
    canRevise: (object) => answers('replicaRevision', object) || builtIn.canRevise(object),
    reviseReplicas(object, replicas) {
      const values = ask('replicaRevision', object, replicas);
      return values === undefined ? builtIn.reviseReplicas(object, replicas) : objectOf(values[0], [object]);
    },
    retain(desired, observed) {
      const values = ask('retention', desired, observed);
      return values === undefined ? builtIn.retain(desired, observed) : objectOf(values[0], [desired, observed]);
    },
    reflectStatus(object) {
      const values = ask('statusReflection', object);
      if (values === undefined) return withObserved(object, builtIn.reflectStatus(object));
      return restored(values[0] ?? undefined, [object.status]);
    },
    aggregateStatus(template: KubeObject, items: readonly AggregatedStatusItem[]) {
      const values = ask('statusAggregation', template, items);
      if (values === undefined)
        return withConditions(
          template,
          items,
          withObservedSum(template, items, builtIn.aggregateStatus(template, items)),
          `${new Date().toISOString().slice(0, 19)}Z`,
        );
      const references = [template.status, ...items.map(({ status }) => status)];
      return restored(objectOf(values[0], [template]).status ?? undefined, references);
    },
    isHealthy(object) {
      const values = ask('healthInterpretation', object);
      return values === undefined ? builtIn.isHealthy(object) : values[0] === true;
    },
    getDependencies(object) {
      const values = ask('dependencyInterpretation', object);
      if (values === undefined) return builtIn.getDependencies(object);
      // An empty list comes back as an empty table.
      return Array.isArray(values[0]) ? (values[0] as Dependency[]) : [];
    },
  };
}

/** Throws when a script returned anything but an object. */
function objectOf(value: Json, references: readonly KubeObject[]): KubeObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new InterpretError('a ResourceInterpreterCustomization must return an object');
  return restored(value, references) as KubeObject;
}
