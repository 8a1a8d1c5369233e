/** networking.k8s.io/v1. */
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';

export const networking: KindDefinition[] = defineKinds('networking.k8s.io', 'v1', 'io.k8s.api.networking.v1', [
  { kind: 'IngressClass', resource: 'ingressclasses', namespaced: false, generation: 'spec' },
  { kind: 'Ingress', resource: 'ingresses', shortNames: ['ing'], subresources: ['status'], generation: 'spec' },
  { kind: 'IPAddress', resource: 'ipaddresses', shortNames: ['ip'], namespaced: false },
  { kind: 'NetworkPolicy', resource: 'networkpolicies', shortNames: ['netpol'], generation: 'spec' },
  { kind: 'ServiceCIDR', resource: 'servicecidrs', namespaced: false, subresources: ['status'] },
]);
