/** certificates.k8s.io/v1: CertificateSigningRequest. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { age, humanDuration, text } from '../table/cells.ts';
import type { FieldError, KindDefinition } from '../types.ts';
import { defineKinds } from './define.ts';
import { invalidValue, notSupported, required } from './validation/field.ts';

export const certificates: KindDefinition[] = defineKinds('certificates.k8s.io', 'v1', 'io.k8s.api.certificates.v1', [
  {
    kind: 'CertificateSigningRequest',
    resource: 'certificatesigningrequests',
    shortNames: ['csr'],
    namespaced: false,
    subresources: ['approval', 'status'],
    selectableFields: { 'spec.signerName': (object) => object.spec?.signerName ?? '' },
    defaults: (object) => {
      object.spec ??= {};
      object.spec.usages ??= ['digital signature', 'key encipherment'];
    },
    validate,
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
  const parts: string[] = [];
  if (has('Approved')) parts.push('Approved');
  else if (has('Denied')) parts.push('Denied');
  else if (!has('Failed')) parts.push('Pending');
  if (has('Failed')) parts.push('Failed');
  if (object.status?.certificate) parts.push('Issued');
  return parts.join(',');
}

const USAGES = [
  'signing',
  'digital signature',
  'content commitment',
  'key encipherment',
  'key agreement',
  'data encipherment',
  'cert sign',
  'crl sign',
  'encipher only',
  'decipher only',
  'any',
  'server auth',
  'client auth',
  'code signing',
  'email protection',
  's/mime',
  'ipsec end system',
  'ipsec tunnel',
  'ipsec user',
  'timestamping',
  'ocsp signing',
  'microsoft sgc',
  'netscape sgc',
];

function validate(object: KubeObject): FieldError[] {
  const errors: FieldError[] = [];
  const spec = object.spec ?? {};
  if (!spec.request)
    errors.push(invalidValue('spec.request', spec.request ?? '', 'PEM block type must be CERTIFICATE REQUEST'));
  if (!spec.signerName) errors.push(required('spec.signerName'));
  else if (!/^[^/]+\.[^/]+\/[^/]+$/.test(spec.signerName)) {
    const detail = "must be a fully qualified domain and path of the form 'example.com/signer-name'";
    errors.push(invalidValue('spec.signerName', spec.signerName, detail));
  }
  if ((spec.usages ?? []).length === 0) errors.push(required('spec.usages'));
  ((spec.usages ?? []) as string[]).forEach((usage, index) => {
    if (!USAGES.includes(usage)) errors.push(notSupported(`spec.usages[${index}]`, usage, [...USAGES].sort()));
  });
  if (typeof spec.expirationSeconds === 'number' && spec.expirationSeconds < 600)
    errors.push(
      invalidValue(
        'spec.expirationSeconds',
        spec.expirationSeconds,
        'may not specify a duration less than 600 seconds (10 minutes)',
      ),
    );
  return errors;
}
