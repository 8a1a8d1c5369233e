/**
 * Secrets on their way to and from a person: values leave the engine one by one and only when asked for, never with the
 * object, and a value that was not touched comes back as the mask and is then put back from the live object. The mask is no base64, so that an API server
 * refuses it should it ever get that far. Pure.
 */
import { isUtf8 } from 'node:buffer';
import type { RevealedValue } from '#shared/contract/resources.ts';
import { AppError } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';

export const MASK = '(hidden)';
/** kubectl's copy of what was applied holds the values a second time. */
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const FIELDS = ['data', 'stringData'] as const;

export function isSecret(object: Pick<KubeObject, 'apiVersion' | 'kind'>): boolean {
  return object.kind === 'Secret' && object.apiVersion === 'v1';
}

/** A copy that may be shown: no managedFields, and of a Secret no value. */
export function presentable(object: KubeObject): KubeObject {
  const { managedFields: _dropped, ...metadata } = object.metadata;
  const shown: KubeObject = { ...object, metadata };
  if (!isSecret(object)) return shown;
  for (const field of FIELDS) {
    const values = object[field];
    if (typeof values === 'object' && values !== null)
      shown[field] = Object.fromEntries(Object.keys(values).map((key) => [key, MASK]));
  }
  if (metadata.annotations?.[LAST_APPLIED] !== undefined)
    shown.metadata = { ...metadata, annotations: { ...metadata.annotations, [LAST_APPLIED]: MASK } };
  return shown;
}

/** One value as a person reads it. @throws AppError NOT_FOUND when the Secret has no such entry. */
export function revealed(object: KubeObject, key: string): RevealedValue {
  const encoded: unknown = isSecret(object) && Object.hasOwn(object.data ?? {}, key) ? object.data[key] : undefined;
  if (typeof encoded !== 'string') throw new AppError('NOT_FOUND', `${object.kind} has no entry ${key}`);
  const bytes = Buffer.from(encoded, 'base64');
  return isUtf8(bytes) && !bytes.includes(0)
    ? { value: bytes.toString('utf8'), encoding: 'utf8' }
    : { value: encoded, encoding: 'base64' };
}

/** True when something in the object has to be put back from the live one. */
export function hasMasked(object: KubeObject): boolean {
  return (
    isSecret(object) &&
    (object.metadata.annotations?.[LAST_APPLIED] === MASK ||
      FIELDS.some((field) => Object.values(object[field] ?? {}).includes(MASK)))
  );
}

/** A copy with the live values where the mask stands. @throws AppError INVALID for a masked entry the live one lacks. */
export function unmasked(object: KubeObject, live: KubeObject | null): KubeObject {
  const whole: KubeObject = { ...object, metadata: { ...object.metadata } };
  for (const field of FIELDS) {
    const values = object[field];
    if (typeof values !== 'object' || values === null) continue;
    whole[field] = Object.fromEntries(
      Object.entries(values as Record<string, unknown>).map(([key, value]) => {
        if (value !== MASK) return [key, value];
        const kept: unknown = live?.[field]?.[key];
        if (kept === undefined)
          throw new AppError('INVALID', `${field}.${key} is hidden, and there is no such entry to keep`, {
            params: { field: `${field}.${key}` },
          });
        return [key, kept];
      }),
    );
  }
  const { annotations } = object.metadata;
  if (annotations?.[LAST_APPLIED] === MASK) {
    const { [LAST_APPLIED]: _mask, ...rest } = annotations;
    const kept = live?.metadata.annotations?.[LAST_APPLIED];
    whole.metadata.annotations = kept === undefined ? rest : { ...rest, [LAST_APPLIED]: kept };
  }
  return whole;
}
