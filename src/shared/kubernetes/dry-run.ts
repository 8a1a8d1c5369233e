/** What a dry run made of an object, beside the object it began from. Pure. */
import type { KubeObject } from './types.ts';

/**
 * What the server counts up by itself is no part of the change that a person looks at; the version stays that of the
 * object which was read, so that a change by somebody else in between is a conflict.
 */
export function asCountedBefore(before: KubeObject, after: KubeObject): KubeObject {
  const { resourceVersion, generation } = before.metadata;
  const metadata = { ...after.metadata };
  if (resourceVersion !== undefined) metadata.resourceVersion = resourceVersion;
  if (generation !== undefined) metadata.generation = generation;
  return { ...after, metadata };
}
