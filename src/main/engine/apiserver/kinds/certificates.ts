/** certificates.k8s.io/v1: CertificateSigningRequest. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, humanDuration, text } from '../table/cells.ts';
import type { KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { pathSegmentName } from './validation/meta.ts';
import { validateSigningRequest } from './validation/signing.ts';

export const certificates: KindDefinition[] = defineKinds('certificates.k8s.io', 'v1', 'io.k8s.api.certificates.v1', [
  {
    kind: 'CertificateSigningRequest',
    metaChecks: 'both',
    statusMetaChecks: 'both',
    resource: 'certificatesigningrequests',
    shortNames: ['csr'],
    namespaced: false,
    subresources: ['approval', 'status'],
    selectableFields: { 'spec.signerName': (object) => object.spec?.signerName ?? '' },
    defaults: (object) => {
      object.spec ??= {};
    },
    nameRule: pathSegmentName,
    unowned: ['spec'],
    validate: validateSigningRequest,
    columns: [
      age,
      text('SignerName', (object) => object.spec?.signerName ?? ''),
      text('Requestor', (object) => object.spec?.username ?? ''),
      text('RequestedDuration', (object) => {
        const seconds = object.spec?.expirationSeconds;
        return seconds === undefined || seconds === null ? '<none>' : humanDuration(seconds * 1000);
      }),
      text('Condition', condition),
    ],
  },
]);

function condition(object: KubeObject): string {
  const has = (type: string): boolean => (object.status?.conditions ?? []).some((each: Json) => each.type === type);
  const parts = [has('Denied') ? 'Denied' : has('Approved') ? 'Approved' : 'Pending'];
  if (has('Failed')) parts.push('Failed');
  if (object.status?.certificate) parts.push('Issued');
  return parts.join(',');
}
