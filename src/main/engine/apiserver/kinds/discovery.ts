/** discovery.k8s.io/v1: EndpointSlice. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, firstOf, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds, settleEmpty } from './define.ts';
import { validateEndpointPorts, validateEndpoints } from './validation/endpoints.ts';
import { immutable, notSupported, required } from './validation/field.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export const discovery: KindDefinition[] = defineKinds('discovery.k8s.io', 'v1', 'io.k8s.api.discovery.v1', [
  {
    kind: 'EndpointSlice',
    metaChecks: 'both',
    resource: 'endpointslices',
    generation: 'spec',
    defaults: (object) => {
      for (const port of object.ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
    },
    prepare: (object) => settleEmpty(object, 'endpoints', 'ports'),
    warnings: ({ addressType }, old) =>
      old === null && addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : [],
    validate,
    columns: [
      text('AddressType', (object) => object.addressType ?? ''),
      text('Ports', (object) =>
        firstOf(
          (object.ports ?? []).map((port: Json) => String(port.port ?? '*')),
          3,
          '<unset>',
        ),
      ),
      text('Endpoints', (object) => {
        const addresses = (object.endpoints ?? []).flatMap((endpoint: Json) => endpoint.addresses ?? []);
        return firstOf(addresses, 3, '<unset>');
      }),
      age,
    ],
  },
]);

function validate(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors: FieldError[] = [];
  if (!object.addressType) errors.push(required('addressType'));
  else if (!ADDRESS_TYPES.includes(object.addressType))
    errors.push(notSupported('addressType', object.addressType, ADDRESS_TYPES));
  errors.push(
    ...validateEndpoints(object.endpoints ?? [], object.addressType ?? '', 'endpoints', old?.endpoints ?? []),
    ...validateEndpointPorts(object.ports ?? [], 'ports'),
  );
  if (old !== null) errors.push(...immutable('addressType', object.addressType, old.addressType));
  return errors;
}
