/** The built-in interpreter reads, changes and sums up objects as Karmada v1.19.0-rc.0 does. */
import { expect, test } from 'vitest';
import type { AggregatedStatusItem } from '#engine/federation/api.ts';
import {
  aggregateStatus,
  type Dependency,
  getDependencies,
  getReplicas,
  isHealthy,
  reflectStatus,
  retainKind,
  reviseReplicas,
} from '#engine/federation/interpreter/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { differences, readCases } from './cases.ts';

interface InterpretCase {
  id: string;
  op: string;
  object: KubeObject;
  args?: unknown;
  expect?: unknown;
  error?: true;
}

/** Upstream walks hash maps here: the order of dependencies carries no meaning. */
const asSet = (found: Dependency[] | null): Dependency[] | null => {
  const key = (entry: Dependency): string => `${entry.kind}/${entry.name}`;
  return found === null || found.length === 0 ? null : [...found].sort((a, b) => (key(a) < key(b) ? -1 : 1));
};

const OPERATIONS: Record<string, (object: KubeObject, args: unknown) => unknown> = {
  InterpretReplica: getReplicas,
  ReviseReplica: (object, args) => reviseReplicas(object, args as number),
  Retain: (object, args) => retainKind(object, args as KubeObject),
  InterpretHealth: isHealthy,
  InterpretStatus: reflectStatus,
  InterpretDependency: (object) => asSet(getDependencies(object)),
  AggregateStatus: (object, args) => {
    const status = aggregateStatus(object, args as AggregatedStatusItem[]);
    return status === undefined ? object : { ...object, status };
  },
};

test('every recorded interpretation is the same', () => {
  const cases = readCases<InterpretCase>('interpret.jsonl.gz');
  expect(cases.length).toBeGreaterThan(500);
  const found = differences(cases, (recorded) => {
    const given = recorded.op === 'InterpretDependency' ? asSet(recorded.expect as Dependency[]) : recorded.expect;
    const expected = recorded.error ? 'error' : given;
    try {
      return { expected, actual: OPERATIONS[recorded.op]?.(recorded.object, recorded.args) };
    } catch {
      return { expected, actual: 'error' };
    }
  });
  expect(found.slice(0, 3)).toEqual([]);
});
