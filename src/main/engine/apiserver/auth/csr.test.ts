/** What signers of Kubernetes refuse. Order and texts of kube-controller-manager 1.36.2. */
import { expect, test } from 'vitest';
import { type CertificateRequest, type SignerName, signerProblem } from './csr.ts';

const NODE: CertificateRequest = {
  commonName: 'system:node:n1',
  organizations: ['system:nodes'],
  dnsNames: [],
  ipAddresses: [],
  emails: [],
  uris: [],
};
const CLIENT = ['client auth', 'digital signature'];
const SERVER = ['server auth', 'digital signature'];

test.each<[SignerName, Partial<CertificateRequest>, string[], string | null]>([
  ['kube-apiserver-client', {}, CLIENT, null],
  ['kube-apiserver-client', {}, ['server auth'], 'invalid usage for client certificate: server auth'],
  ['kube-apiserver-client', {}, ['digital signature'], 'missing required usage for client certificate: client auth'],
  ['kube-apiserver-client-kubelet', {}, [...CLIENT, 'key encipherment'], null],
  ['kube-apiserver-client-kubelet', { organizations: ['a'] }, CLIENT, 'subject organization is not system:nodes'],
  [
    'kube-apiserver-client-kubelet',
    { commonName: 'jane', uris: ['a:b'] },
    SERVER,
    'URI subjectAltNames are not allowed',
  ],
  [
    'kube-apiserver-client-kubelet',
    { commonName: 'jane' },
    SERVER,
    'subject common name does not begin with system:node:',
  ],
  [
    'kube-apiserver-client-kubelet',
    {},
    SERVER,
    'usages did not match [client auth digital signature key encipherment]',
  ],
  ['kubelet-serving', { dnsNames: ['n1'] }, SERVER, null],
  ['kubelet-serving', { emails: ['a@b.c'] }, SERVER, 'DNS or IP subjectAltName is required'],
  [
    'kubelet-serving',
    { ipAddresses: ['10.0.0.1'], commonName: 'jane' },
    [...SERVER, 'client auth'],
    'usages did not match [digital signature key encipherment server auth]',
  ],
  [
    'kubelet-serving',
    { ipAddresses: ['10.0.0.1'], commonName: 'jane' },
    SERVER,
    'subject common name does not begin with system:node:',
  ],
])('%s, %j for %j: %s', (signer, request, usages, expected) => {
  expect(signerProblem(signer, { ...NODE, ...request }, usages)).toBe(expected);
});
