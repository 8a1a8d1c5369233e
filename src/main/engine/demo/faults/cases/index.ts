/** All cases, in the order of the catalogue of causes. */
import { IMAGE_CASES } from './images.ts';
import { NETWORK_CASES } from './network.ts';
import { NODE_CASES } from './nodes.ts';
import { PLACEMENT_CASES } from './placement.ts';
import { POD_CASES } from './pods.ts';
import type { Case } from './types.ts';
import { WORKLOAD_CASES } from './workloads.ts';

export const CASES: readonly Case[] = [
  ...PLACEMENT_CASES,
  ...POD_CASES,
  ...IMAGE_CASES,
  ...NODE_CASES,
  ...NETWORK_CASES,
  ...WORKLOAD_CASES,
];

const byId = new Map(CASES.map((one) => [one.id, one]));

export function caseOf(id: string): Case | undefined {
  return byId.get(id);
}

export function namespaceOfCase(id: string): string {
  return `case-${id.toLowerCase()}`;
}

export interface CaseTarget {
  kind: string;
  namespace: string;
  name: string;
}

/** What a person would ask about. */
export function targetOfCase({ id, target }: Case): CaseTarget {
  const [kind = '', place = ''] = target.split('/');
  const [name = '', namespace] = place.split('@');
  if (kind === 'Node') return { kind, namespace: '', name: namespaceOfCase(id) };
  if (kind === 'Namespace') return { kind, namespace: '', name };
  return { kind, namespace: namespace ?? namespaceOfCase(id), name };
}

export type { Case, CaseObject, CasePlace } from './types.ts';
