/**
 * PKCS#10 certificate requests: what they ask for, whether a signer of Kubernetes may grant it, and the certificate.
 * Source: Kubernetes documentation, "Certificates and Certificate Signing Requests", Kubernetes signers; RFC 2986.
 */
import type { Pkcs10CertificateRequest, SubjectAlternativeNameExtension } from '@peculiar/x509';
import { loadX509, newSerial } from './x509.ts';

const SUBJECT_ALTERNATIVE_NAME = '2.5.29.17';

export interface CertificateRequest {
  commonName: string;
  organizations: string[];
  dnsNames: string[];
  ipAddresses: string[];
  emails: string[];
  uris: string[];
}

/** Reads the base64 of a PEM block. Null when it is none, or when the request is not signed with its own key. */
export async function readCsr(base64: string): Promise<CertificateRequest | null> {
  const x509 = await loadX509();
  try {
    const request = new x509.Pkcs10CertificateRequest(pemOf(base64));
    if (!(await request.verify())) return null;
    const names = alternativeNames(request)?.names.items ?? [];
    const of = (type: string) => names.filter((name) => name.type === type).map((name) => name.value);
    return {
      commonName: request.subjectName.getField('CN')[0] ?? '',
      organizations: request.subjectName.getField('O'),
      dnsNames: of('dns'),
      ipAddresses: of('ip'),
      emails: of('email'),
      uris: of('url'),
    };
  } catch {
    return null;
  }
}

function alternativeNames(request: Pkcs10CertificateRequest): SubjectAlternativeNameExtension | null {
  return request.getExtension(SUBJECT_ALTERNATIVE_NAME) as SubjectAlternativeNameExtension | null;
}

function pemOf(base64: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  if (!text.includes('-----BEGIN CERTIFICATE REQUEST-----')) throw new Error('no certificate request');
  return text;
}

export type SignerName = 'kube-apiserver-client' | 'kube-apiserver-client-kubelet' | 'kubelet-serving';

const NODE = 'system:node:';
const NODES = 'system:nodes';
const CLIENT_USAGES = ['client auth', 'digital signature', 'key encipherment'];
const SERVING_USAGES = ['digital signature', 'key encipherment', 'server auth'];

/** Why the signer cannot grant the request, in the words of the controller; null when it can. */
export function signerProblem(
  signer: SignerName,
  request: CertificateRequest,
  usages: readonly string[],
): string | null {
  if (signer === 'kube-apiserver-client') {
    const wrong = usages.find((usage) => !CLIENT_USAGES.includes(usage));
    if (wrong !== undefined) return `invalid usage for client certificate: ${wrong}`;
    return usages.includes('client auth') ? null : 'missing required usage for client certificate: client auth';
  }
  if (request.organizations.length !== 1 || request.organizations[0] !== NODES)
    return `subject organization is not ${NODES}`;
  const commonName = request.commonName.startsWith(NODE) ? null : `subject common name does not begin with ${NODE}`;
  if (signer === 'kube-apiserver-client-kubelet') {
    if (request.dnsNames.length > 0) return 'DNS subjectAltNames are not allowed';
    if (request.emails.length > 0) return 'Email subjectAltNames are not allowed';
    if (request.ipAddresses.length > 0) return 'IP subjectAltNames are not allowed';
    if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
    return commonName ?? usagesProblem(usages, CLIENT_USAGES);
  }
  if (request.dnsNames.length + request.ipAddresses.length === 0) return 'DNS or IP subjectAltName is required';
  if (request.emails.length > 0) return 'Email subjectAltNames are not allowed';
  if (request.uris.length > 0) return 'URI subjectAltNames are not allowed';
  return usagesProblem(usages, SERVING_USAGES) ?? commonName;
}

/** Keys that are not RSA need no key encipherment. */
function usagesProblem(given: readonly string[], wanted: readonly string[]): string | null {
  const rest = wanted.filter((usage) => usage !== 'key encipherment');
  const same = given.every((usage) => wanted.includes(usage)) && rest.every((usage) => given.includes(usage));
  return same ? null : `usages did not match [${wanted.join(' ')}]`;
}

export interface SigningOptions {
  caCertificate: string;
  caKey: string;
  usages: readonly string[];
  seconds: number;
}

/** Signs a request with the server's CA. The certificate (PEM) never outlives the CA. */
export async function signCsr(base64: string, options: SigningOptions): Promise<string> {
  const x509 = await loadX509();
  const request = new x509.Pkcs10CertificateRequest(pemOf(base64));
  const ca = new x509.X509Certificate(options.caCertificate);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const der = x509.PemConverter.decode(options.caKey)[0]!;
  const signingKey = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign']);
  // Clocks of clients may be a little behind.
  const notBefore = new Date(Date.now() - 5 * 60 * 1000);
  const wanted = new Date(Date.now() + options.seconds * 1000);
  const notAfter = wanted < ca.notAfter ? wanted : ca.notAfter;
  const extended = [
    ...(options.usages.includes('client auth') ? [x509.ExtendedKeyUsage.clientAuth] : []),
    ...(options.usages.includes('server auth') ? [x509.ExtendedKeyUsage.serverAuth] : []),
  ];
  const names = alternativeNames(request);
  const certificate = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    issuer: ca.subject,
    subject: request.subject,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    publicKey: request.publicKey,
    signingKey: signingKey as never,
    extensions: [
      new x509.KeyUsagesExtension(keyUsages(x509.KeyUsageFlags, options.usages), true),
      new x509.ExtendedKeyUsageExtension(extended),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(ca.publicKey),
      ...(names === null ? [] : [names]),
    ],
  });
  return `${certificate.toString('pem')}\n`;
}

function keyUsages(flags: { digitalSignature: number; keyEncipherment: number }, usages: readonly string[]): number {
  return (
    (usages.includes('digital signature') ? flags.digitalSignature : 0) |
    (usages.includes('key encipherment') ? flags.keyEncipherment : 0)
  );
}
