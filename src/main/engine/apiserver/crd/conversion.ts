/**
 * Conversion of custom resources by a webhook: the question, and what its answer has to be. Metadata cannot be changed by
 * it except labels and annotations. Source: API reference apiextensions.k8s.io/v1, ConversionReview; "Versions in
 * CustomResourceDefinitions" in the documentation.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isRecord } from '../json.ts';
import { validateAnnotations, validateLabels } from '../kinds/validation/meta.ts';
import { type ClientConfig, clientOf } from '../webhook/client.ts';

const GROUP = 'apiextensions.k8s.io';

export interface Conversion {
  client: ClientConfig;
  /** Version of the review both sides know; null: there is none. */
  review: 'v1' | 'v1beta1' | null;
}

/** How objects of a definition get from one version to another; null: only `apiVersion` changes. */
export function conversionOf(crd: KubeObject): Conversion | null {
  const { strategy, webhook } = crd.spec?.conversion ?? {};
  if (strategy !== 'Webhook') return null;
  const known = (version: string): version is 'v1' | 'v1beta1' => version === 'v1' || version === 'v1beta1';
  const reviews: string[] = webhook?.conversionReviewVersions ?? [];
  return { client: clientOf(webhook?.clientConfig ?? {}), review: reviews.find(known) ?? null };
}

/** The version objects of a definition are kept in. */
export function storageVersionOf(crd: KubeObject): string {
  return ((crd.spec?.versions ?? []) as Json[]).find((version) => version.storage === true)?.name ?? '';
}

export function conversionReview(
  review: 'v1' | 'v1beta1',
  uid: string,
  desiredAPIVersion: string,
  objects: readonly KubeObject[],
): Record<string, unknown> {
  return {
    kind: 'ConversionReview',
    apiVersion: `${GROUP}/${review}`,
    request: { uid, desiredAPIVersion, objects },
    response: { uid: '', convertedObjects: null, result: { metadata: {} } },
  };
}

/** What is asked for, as messages name it. */
export interface Asked {
  uid: string;
  desiredAPIVersion: string;
  originals: readonly KubeObject[];
  /** An object that is read or written for itself, not as part of a list. */
  single: boolean;
}

/** An object of the answer that holds no JSON; its message stands alone in the real server's answer. */
export class UnreadObject extends Error {}

/**
 * The converted objects, in order, with the metadata of the originals.
 * @throws UnreadObject
 * @throws Error with what follows `conversion webhook for <kind>` in the real server's message
 */
export function convertedFrom(answer: unknown, review: 'v1' | 'v1beta1', asked: Asked): KubeObject[] {
  const { originals, single } = asked;
  const objects = objectsOf(answer, review, asked.uid);
  if (objects.length !== originals.length)
    throw new Error(`returned ${objects.length} objects, expected ${originals.length}`);
  // A null is nothing to be read, which is noticed before anything of it is.
  if (objects.includes(null)) throw new UnreadObject('unexpected end of JSON input');
  return objects.map((object, index) => {
    const original = originals[index]!;
    const at = single ? 'object' : `converted object at index ${index}`;
    const typed = single ? 'object at index 0' : at;
    const { apiVersion, kind } = isRecord(object) ? object : ({} as Record<string, unknown>);
    if (!isRecord(object) || typeof kind !== 'string' || kind === '')
      throw new Error(`returned invalid ${typed}: Object 'Kind' is missing in '${JSON.stringify(object)}'`);
    const version = typeof apiVersion === 'string' ? apiVersion : '';
    if (version !== asked.desiredAPIVersion)
      throw new Error(
        `returned invalid ${typed}: invalid groupVersion (expected ${asked.desiredAPIVersion}, received ${version})`,
      );
    if (kind !== original.kind)
      throw new Error(`returned invalid ${typed}: invalid kind (expected ${original.kind}, received ${kind})`);
    const metadata = isRecord(object.metadata) ? object.metadata : {};
    for (const [field, label] of SAME) {
      const [was, is] = [String(original.metadata[field] ?? ''), String(metadata[field] ?? '')];
      if (was !== is) throw new Error(`returned invalid ${at}: must have the same ${label}: ${was} != ${is}`);
    }
    try {
      return { ...object, kind, apiVersion: version, metadata: restored(original, object.metadata) } as KubeObject;
    } catch (error) {
      const where = single ? '' : ` in object at index ${index}`;
      throw new Error(`returned invalid metadata${where}: ${(error as Error).message}`);
    }
  });
}

const SAME = [
  ['name', 'name'],
  ['namespace', 'namespace'],
  ['uid', 'UID'],
] as const;

/** Why an answer is no review of the version that was asked with; null: it is one. */
function reviewProblem(apiVersion: string, kind: string, review: 'v1' | 'v1beta1'): string | null {
  const wanted = `${GROUP}/${review}`;
  if (apiVersion === wanted && kind === 'ConversionReview') return null;
  if (apiVersion !== '' && kind !== '') {
    const [group, version = ''] = apiVersion.split('/');
    const isReview = group === GROUP && kind === 'ConversionReview' && ['v1', 'v1beta1'].includes(version);
    return isReview
      ? `converting (${version}.ConversionReview) to (${review}.ConversionReview): unknown conversion`
      : `no kind "${kind}" is registered for version "${apiVersion}" in scheme "k8s.io/apiserver/pkg/util/webhook/client.go:71"`;
  }
  // What is left out is taken for granted when it is read, and missed afterwards. Reviews of v1beta1 are not held to it.
  if (review === 'v1beta1') return null;
  return `expected webhook response of ${wanted}, Kind=ConversionReview, got ${apiVersion === '' ? '/' : apiVersion}, Kind=${kind}`;
}

function objectsOf(answer: unknown, review: 'v1' | 'v1beta1', uid: string): unknown[] {
  const { apiVersion, kind, response } = isRecord(answer) ? answer : ({} as Record<string, unknown>);
  const problem = reviewProblem(String(apiVersion ?? ''), String(kind ?? ''), review);
  if (problem !== null) throw new Error(`failed: ${problem}`);
  if (!isRecord(response)) throw new Error('failed: no response provided');
  if (review === 'v1' && response.uid !== uid)
    throw new Error(`failed: expected response.uid="${uid}", got ${JSON.stringify(String(response.uid ?? ''))}`);
  const result = isRecord(response.result) ? response.result : {};
  if (result.status !== 'Success') {
    const message = typeof result.message === 'string' ? result.message : '';
    throw new Error(
      `failed: ${message !== '' ? message : `response.result.status was '${String(result.status ?? '')}', not 'Success'`}`,
    );
  }
  return Array.isArray(response.convertedObjects) ? response.convertedObjects : [];
}

/** The original's metadata with the labels and annotations of the answer. */
function restored(original: KubeObject, given: unknown): KubeObject['metadata'] {
  if (given === undefined) throw new Error('missing metadata in converted object');
  if (!isRecord(given)) throw new Error(`invalid metadata of type ${goType(given)} in converted object`);
  const metadata: KubeObject['metadata'] = { ...original.metadata };
  for (const field of ['labels', 'annotations'] as const) {
    const value = given[field] ?? null;
    if (value === null) {
      delete metadata[field];
      continue;
    }
    if (!isRecord(value)) throw new Error(`invalid metadata.${field} of type ${goType(value)} in converted object`);
    for (const [key, text] of Object.entries(value))
      if (typeof text !== 'string')
        throw new Error(`metadata.${field}[${key}] must be a string, but is ${goType(text)} in converted object`);
    const texts = value as Record<string, string>;
    if (!sameTexts(original.metadata[field] ?? {}, texts)) {
      const errors =
        field === 'labels'
          ? validateLabels(texts, 'metadata.labels')
          : validateAnnotations(texts, 'metadata.annotation');
      const found = errors.map((error) => `${error.field}: ${error.message}`);
      if (found.length > 0) throw new Error(found.length === 1 ? found[0] : `[${found.join(', ')}]`);
    }
    metadata[field] = texts;
  }
  return metadata;
}

function sameTexts(left: Record<string, string>, right: Record<string, string>): boolean {
  const keys = Object.keys(right);
  return keys.length === Object.keys(left).length && keys.every((key) => left[key] === right[key]);
}

/** The type a JSON value has in the real server, which its messages name. */
function goType(value: unknown): string {
  if (value === null) return '<nil>';
  if (Array.isArray(value)) return '[]interface {}';
  switch (typeof value) {
    case 'string':
      return 'string';
    case 'boolean':
      return 'bool';
    case 'number':
      return Number.isInteger(value) ? 'int64' : 'float64';
    default:
      return 'map[string]interface {}';
  }
}
