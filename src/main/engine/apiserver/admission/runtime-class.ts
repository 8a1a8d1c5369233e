/** What a RuntimeClass adds to its pods: overhead, node selector, tolerations. Source: KEP-585, KEP-688. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { equalJson } from '../json.ts';
import { forbidden, internal } from '../status.ts';
import type { ObjectStore } from '../storage/store.ts';
import type { AdmissionPlugin } from '../types.ts';
import { subjectOf } from './subject.ts';

export function runtimeClass(store: ObjectStore): AdmissionPlugin {
  const classes = store.collection('node.k8s.io/runtimeclasses');
  return {
    name: 'RuntimeClass',
    matches: (kind, operation, subresource) =>
      kind.group === '' && kind.resource === 'pods' && operation === 'CREATE' && subresource === '',
    mutate: (request) => {
      const { object, kind } = request;
      const spec: Json = object!.spec ?? {};
      const refuse = (text: string) => forbidden(kind, subjectOf(request), `pod rejected: ${text}`);
      const wanted: string | undefined = spec.runtimeClassName;
      // It is looked for where nothing is without a name.
      if (wanted === '') throw internal('resource name may not be empty');
      if (wanted === undefined) {
        if (Object.keys(spec.overhead ?? {}).length > 0)
          throw refuse('Pod Overhead set without corresponding RuntimeClass defined Overhead');
        return;
      }
      const found = classes.latest(wanted)?.object;
      if (found === undefined) throw refuse(`RuntimeClass "${wanted}" not found`);
      const problem = addOverhead(spec, found) ?? addScheduling(spec, found);
      if (problem !== null) throw refuse(problem);
    },
  };
}

function addOverhead(spec: Json, found: KubeObject): string | null {
  const fixed = found.overhead?.podFixed;
  const given = spec.overhead;
  if (fixed === undefined)
    return given !== undefined && Object.keys(given).length > 0
      ? 'Pod Overhead set without corresponding RuntimeClass defined Overhead'
      : null;
  if (given !== undefined && Object.keys(given).length > 0 && !equalJson(given, fixed))
    return "Pod's Overhead doesn't match RuntimeClass's defined Overhead";
  spec.overhead = { ...fixed };
  return null;
}

function addScheduling(spec: Json, found: KubeObject): string | null {
  const { nodeSelector = {}, tolerations = [] } = found.scheduling ?? {};
  for (const [key, value] of Object.entries(nodeSelector)) {
    const own = spec.nodeSelector?.[key];
    if (own !== undefined && own !== value)
      return `conflict: runtimeClass.scheduling.nodeSelector[${key}] = ${value}; pod.spec.nodeSelector[${key}] = ${own}`;
  }
  if (Object.keys(nodeSelector).length > 0) spec.nodeSelector = { ...spec.nodeSelector, ...nodeSelector };
  const present: Json[] = spec.tolerations ?? [];
  const added = (tolerations as Json[]).filter((each) => !present.some((known) => equalJson(known, each)));
  if (added.length > 0) spec.tolerations = [...present, ...added];
  return null;
}
