import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { needsUpdate } from './services.ts';

const service = (spec: Json = {}, annotations?: Record<string, string>): KubeObject => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web', ...(annotations === undefined ? {} : { annotations }) },
  spec: { type: 'LoadBalancer', ports: [{ port: 80, protocol: 'TCP', nodePort: 30080, targetPort: 8080 }], ...spec },
});

test.each([
  ['another port', service({ ports: [{ port: 81, protocol: 'TCP', nodePort: 30080, targetPort: 8080 }] }), true],
  ['another target', service({ ports: [{ port: 80, protocol: 'TCP', nodePort: 30080, targetPort: 9090 }] }), false],
  ['another selector', service({ selector: { app: 'other' } }), false],
  ['ranges', service({ loadBalancerSourceRanges: ['10.0.0.0/8'] }), true],
  ['the way of traffic', service({ externalTrafficPolicy: 'Local' }), true],
  ['a second family', service({ ipFamilies: ['IPv4', 'IPv6'] }), true],
  ['an annotation', service({}, { 'provider.example.com/kind': 'internal' }), true],
  ['nothing', service(), false],
])('a load balancer is made anew for %s: %s', (_what, changed, wanted) => {
  expect(needsUpdate(changed, service())).toBe(wanted);
});
