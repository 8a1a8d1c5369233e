/**
 * Objects from manifests: YAML with one or several documents, JSON, and lists of either. The time to judge ages by is
 * that of the newest thing in them: a dump is as old as it is.
 */
import { type Document, parseAllDocuments } from 'yaml';
import { AppError } from '#shared/errors.ts';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { wellTyped } from '#shared/kubernetes/well-typed.ts';

/** Throws AppError INVALID with the place of what is no object. */
export function readManifests(text: string, file: string): KubeObject[] {
  const objects: KubeObject[] = [];
  for (const [index, value] of documentsOf(text, file).entries()) {
    if (value === null || value === undefined) continue;
    for (const object of flatten(value)) {
      if (typeof object?.apiVersion !== 'string' || typeof object?.kind !== 'string')
        throw invalid(`${file}: document ${index + 1} is no Kubernetes object: apiVersion or kind is missing`);
      objects.push(wellTyped(object));
    }
  }
  return objects;
}

/** JSON is YAML; read as what it is, a dump of a large cluster takes a moment instead of a minute. */
function documentsOf(text: string, file: string): Json[] {
  if (/^\s*[[{]/.test(text)) {
    try {
      return [JSON.parse(text)];
    } catch {
      // Several documents, or YAML in brackets: below.
    }
  }
  const documents = parseAllDocuments(text, { merge: true });
  return (Array.isArray(documents) ? documents : []).map((document) => {
    const [problem] = document.errors;
    if (problem !== undefined) throw invalid(`${file}: ${problem.message}`);
    return contentOf(document, file);
  });
}

/** Aliases that would grow beyond all measure are refused, as what is no YAML is. */
function contentOf(document: Document, file: string): Json {
  try {
    return document.toJS({ maxAliasCount: 1000 });
  } catch (error) {
    throw invalid(`${file}: ${(error as Error).message}`);
  }
}

function flatten(value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap(flatten);
  if (typeof value?.kind === 'string' && value.kind.endsWith('List') && Array.isArray(value.items))
    return value.items.flatMap((item: Json) =>
      flatten({ apiVersion: value.apiVersion, kind: value.kind.slice(0, -'List'.length), ...item }),
    );
  return [value];
}

/** Milliseconds since the epoch; the present when nothing in them has a time. */
export function newestTime(objects: readonly KubeObject[]): number {
  let newest = 0;
  const look = (text: unknown): void => {
    const time = typeof text === 'string' ? Date.parse(text) : Number.NaN;
    if (time > newest) newest = time;
  };
  for (const { kind, metadata, status, spec, ...rest } of objects) {
    if (kind === 'Event') for (const field of ['lastTimestamp', 'eventTime', 'firstTimestamp']) look(rest[field]);
    else if (kind === 'Lease') look(spec?.renewTime);
    else if (kind === 'Node') for (const condition of status?.conditions ?? []) look(condition?.lastHeartbeatTime);
    else look(metadata.creationTimestamp);
  }
  return newest > 0 ? newest : Date.now();
}

function invalid(message: string): AppError {
  return new AppError('INVALID', message);
}
