/** batch/v1: Job, CronJob. */
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';

export const batch: KindDefinition[] = defineKinds('batch', 'v1', 'io.k8s.api.batch.v1', [
  {
    kind: 'CronJob',
    resource: 'cronjobs',
    shortNames: ['cj'],
    categories: ['all'],
    subresources: ['status'],
    generation: 'spec',
  },
  { kind: 'Job', resource: 'jobs', categories: ['all'], subresources: ['status'], generation: 'spec' },
]);
