/** discovery.k8s.io/v1: EndpointSlice. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, firstOf, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { validateEndpointPorts, validateEndpoints } from './validation/endpoints.ts';
import { immutable, notSupported, required, sameJson } from './validation/field.ts';
import { ipWarnings } from './warnings/addresses.ts';

const ADDRESS_TYPES = ['FQDN', 'IPv4', 'IPv6'];

export const discovery: KindDefinition[] = defineKinds('discovery.k8s.io', 'v1', 'io.k8s.api.discovery.v1', [
  {
    kind: 'EndpointSlice',
    metaChecks: 'object',
    resource: 'endpointslices',
    generation: 'spec',
    defaults: (object) => {
      for (const port of object.ports ?? []) {
        port.name ??= '';
        port.protocol ??= 'TCP';
      }
    },
    dropLate: (object, old) => {
      if (old === null || !sameJson(object.endpoints, old.endpoints)) dropTopology(object);
    },
    warnings: (object, old) => [
      ...(old === null && object.addressType === 'FQDN' ? ['spec.addressType: FQDN endpoints are deprecated'] : []),
      ...addressWarnings(object),
    ],
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

const CONTROLLERS = ['endpointslice-controller.k8s.io', 'endpointslicemirroring-controller.k8s.io'];

/** What controllers write is in order. */
function addressWarnings({ metadata, endpoints }: KubeObject): string[] {
  if (CONTROLLERS.includes(metadata.labels?.['endpointslice.kubernetes.io/managed-by'] ?? '')) return [];
  return ((endpoints ?? []) as Json[]).flatMap(({ addresses = [] }, index) =>
    (addresses as string[]).flatMap((address, place) => ipWarnings(address, `endpoints[${index}].addresses[${place}]`)),
  );
}

/** It cannot be written any more. */
function dropTopology(object: KubeObject): void {
  for (const endpoint of object.endpoints ?? []) delete endpoint.deprecatedTopology;
}

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
