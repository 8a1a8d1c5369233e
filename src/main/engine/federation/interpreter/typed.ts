/**
 * Values as the declared types of Kubernetes hold them: what a type does not know is gone, what it always writes is
 * there, and a value of the wrong type is refused. Karmada's built-in interpreter reads nearly everything this way.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { canonicalValue } from '../../apiserver/index.ts';

/** Group versions of the kinds that the interpreter knows, and the names of their types' tables. */
const TABLES: Record<string, string> = {
  v1: 'core',
  'apps/v1': 'apps',
  'batch/v1': 'batch',
  'policy/v1': 'policy',
  'networking.k8s.io/v1': 'networking',
  'autoscaling/v2': 'autoscalingv2',
};

/** The whole object in its declared type; the same object for kinds that are none of ours. Throws 400. */
export function typedObject(object: KubeObject): KubeObject {
  const table = TABLES[object.apiVersion];
  return table === undefined ? object : (canonicalValue(`${table}.${object.kind}`, object) as KubeObject);
}

/** A status of the object's kind in its declared type. Throws 400 for what does not fit. */
export function typedStatus({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>, status: Json): Json {
  const table = TABLES[apiVersion];
  return table === undefined ? status : canonicalValue(`${table}.${kind}Status`, status);
}
