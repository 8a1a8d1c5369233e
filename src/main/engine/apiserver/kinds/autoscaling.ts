/** autoscaling/v2 and v1: HorizontalPodAutoscaler, one object in two shapes. */
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';

const names = {
  kind: 'HorizontalPodAutoscaler',
  resource: 'horizontalpodautoscalers',
  shortNames: ['hpa'],
  categories: ['all'],
  subresources: ['status'],
};

export const autoscaling: KindDefinition[] = [
  ...defineKinds('autoscaling', 'v2', 'io.k8s.api.autoscaling.v2', [names]),
  ...defineKinds('autoscaling', 'v1', 'io.k8s.api.autoscaling.v1', [names]),
];
