/** What a Work says of one object in its member: which it is, what its status tells, whether it is well. Pure. */
import { type KubeObject, type ResourceRef, splitApiVersion } from '#shared/kubernetes/types.ts';
import type { Work } from '../api.ts';
import type { Interpreter } from '../interpreter/index.ts';

export type ManifestStatus = NonNullable<NonNullable<Work['status']>['manifestStatuses']>[number];

/** @param ordinal place of the manifest in its Work */
export function manifestStatus(
  object: KubeObject,
  manifest: KubeObject,
  ref: ResourceRef,
  ordinal: number,
  interpreter: Interpreter,
): ManifestStatus {
  const { namespace, name = '' } = manifest.metadata;
  const { group, version } = splitApiVersion(manifest.apiVersion);
  const identifier = {
    ordinal,
    ...(group === '' ? {} : { group }),
    version,
    kind: manifest.kind,
    resource: ref.resource,
    ...(namespace ? { namespace } : {}),
    name,
  };
  return { identifier, ...reflected(object, interpreter) };
}

function reflected(object: KubeObject, interpreter: Interpreter): Pick<ManifestStatus, 'status' | 'health'> {
  try {
    const health = interpreter.isHealthy(object) ? 'Healthy' : 'Unhealthy';
    const status = interpreter.reflectStatus(object);
    return status === undefined ? { health } : { status, health };
  } catch {
    // A script failed, or marks of the federation are missing: somebody changed the object, drift repair puts them back.
    return { health: 'Unknown' };
  }
}
