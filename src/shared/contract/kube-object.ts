/** Kubernetes objects as input of the contract. */
import { z } from 'zod';
import type { KubeObject } from '../kubernetes/types.ts';

/** A Kubernetes object from outside: checked for what makes it addressable, everything else passes through. */
export const KubeObjectSchema = z.custom<KubeObject>((value) => {
  const object = value as Partial<KubeObject> | null;
  return (
    typeof object === 'object' &&
    object !== null &&
    typeof object.apiVersion === 'string' &&
    object.apiVersion !== '' &&
    typeof object.kind === 'string' &&
    object.kind !== '' &&
    typeof object.metadata === 'object' &&
    object.metadata !== null
  );
}, 'an object with apiVersion, kind and metadata');
