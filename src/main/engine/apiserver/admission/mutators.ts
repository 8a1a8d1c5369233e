/**
 * Mutations that others can make necessary again: policies, then webhooks. When one of them has changed the object, the
 * built-in plugins look at it again, and so does, once, whoever asked for that. Source: "Dynamic Admission Control",
 * reinvocationPolicy.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { cloneJson } from '../json.ts';
import type { AdmissionPlugin, AdmissionRequest } from '../types.ts';

export interface Mutator {
  name: string;
  matches: AdmissionPlugin['matches'];
  /** Null: nobody wants to be asked about the request. */
  first(request: AdmissionRequest): Promise<Round> | null;
}

/** What a first round has left. */
export interface Round {
  changed: boolean;
  /** Asks those again who want it because the object is no longer what they saw. */
  again(): Promise<void>;
}

/** Name of the plugin that asks them. */
export const MUTATORS = 'MutatingAdmission';

export function mutatingAdmission(
  mutators: readonly Mutator[],
  reinvoke: (request: AdmissionRequest) => Promise<void>,
): AdmissionPlugin {
  return {
    name: MUTATORS,
    matches: (...target) => mutators.some((mutator) => mutator.matches(...target)),
    // Requests that nobody wants to see are not made to wait.
    mutate: (request) => {
      const concerned = mutators.filter(({ matches }) => matches(request.kind, request.operation, request.subresource));
      for (const [index, mutator] of concerned.entries()) {
        const round = mutator.first(request);
        if (round !== null) return rest(request, round, concerned.slice(index + 1), reinvoke);
      }
    },
  };
}

async function rest(
  request: AdmissionRequest,
  first: Promise<Round>,
  others: readonly Mutator[],
  reinvoke: (request: AdmissionRequest) => Promise<void>,
): Promise<void> {
  const rounds = [await first];
  for (const mutator of others) {
    const round = await mutator.first(request);
    if (round !== null) rounds.push(round);
  }
  if (request.object === null || !rounds.some(({ changed }) => changed)) return;
  await reinvoke(request);
  for (const round of rounds) await round.again();
}

/** The object the verbs hold stays the same one. */
export function replaceContent(object: KubeObject, content: KubeObject): void {
  const copy = cloneJson(content);
  for (const key of Object.keys(object)) delete object[key];
  Object.assign(object, copy);
}
