/** Changes of certificate signing requests: who may decide, and what stays. Texts of kube-apiserver 1.36.2. */
import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { loadPki } from '../../auth/pki.ts';
import { validateSigningRequest } from './signing.ts';

const decided = (type: string, message = '') => ({ type, status: 'True', message });
const requestWith = (status: Json): KubeObject => ({
  apiVersion: 'certificates.k8s.io/v1',
  kind: 'CertificateSigningRequest',
  metadata: { name: 'c' },
  spec: {},
  status,
});
const complaints = (now: Json, before: Json, subresource: string): string[] =>
  validateSigningRequest(requestWith(now), requestWith(before), subresource)
    .filter(({ field }) => field.startsWith('status'))
    .map(({ field, message }) => `${field}: ${message}`);
const { caCertificate } = loadPki(null, 'test');
const certificate = Buffer.from(caCertificate).toString('base64');
const pem = (type: string) => Buffer.from(`-----BEGIN ${type}-----\nMA==\n-----END ${type}-----\n`).toString('base64');

test.each<[string, Json, Json, string, string[]]>([
  [
    'a decision is not taken back',
    {},
    { conditions: [decided('Approved')] },
    'approval',
    ['status.conditions: Forbidden: updates may not remove a condition of type "Approved"'],
  ],
  ['approval decides', { conditions: [decided('Denied')] }, {}, 'approval', []],
  [
    'status does not',
    { conditions: [decided('Denied')] },
    {},
    'status',
    ['status.conditions: Forbidden: updates may not add a condition of type "Denied"'],
  ],
  [
    'nor does it change one',
    { conditions: [decided('Approved', 'b')] },
    { conditions: [decided('Approved', 'a')] },
    'status',
    ['status.conditions: Forbidden: updates may not modify a condition of type "Approved"'],
  ],
  ['status tells of a failure', { conditions: [decided('Failed')] }, {}, 'status', []],
  ['status brings the certificate', { certificate }, {}, 'status', []],
  [
    'approval does not',
    { certificate },
    {},
    'approval',
    ['status.certificate: Forbidden: updates may not set certificate content'],
  ],
  [
    'it is brought once',
    { certificate: 'eA==' },
    { certificate },
    'status',
    [
      'status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block',
      'status.certificate: Forbidden: updates may not modify existing certificate content',
    ],
  ],
  [
    'and can be read',
    { certificate: pem('CERTIFICATE') },
    {},
    'status',
    ['status.certificate: Invalid value: "<certificate data>": x509: malformed certificate'],
  ],
  [
    'and is nothing else',
    { certificate: pem('PRIVATE KEY') },
    {},
    'status',
    [
      'status.certificate: Invalid value: "<certificate data>": only CERTIFICATE PEM blocks are allowed, found "PRIVATE KEY"',
    ],
  ],
])('%s', (_about, now, before, subresource, expected) => {
  expect(complaints(now, before, subresource)).toEqual(expected);
});
