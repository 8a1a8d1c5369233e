/** For tests: certificate requests as a client makes them, and certificates of a server's own CA. */
import type { webcrypto } from 'node:crypto';
import { signCsr } from './auth/csr.ts';
import { EC_P256, loadX509 } from './auth/x509.ts';

export interface MadeRequest {
  /** base64 of the PEM block, as spec.request has it. */
  request: string;
  /** PKCS#8, PEM. */
  key: string;
}

export async function makeRequest(subject: string, dnsNames: readonly string[] = []): Promise<MadeRequest> {
  const x509 = await loadX509();
  const keys = (await crypto.subtle.generateKey(EC_P256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const names = dnsNames.map((value) => ({ type: 'dns' as const, value }));
  const csr = await x509.Pkcs10CertificateRequestGenerator.create({
    name: subject,
    keys: keys as never,
    signingAlgorithm: EC_P256,
    extensions: names.length === 0 ? [] : [new x509.SubjectAlternativeNameExtension(names)],
  });
  const key = x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY');
  return { request: Buffer.from(csr.toString('pem')).toString('base64'), key };
}

/** A client certificate that is valid for `seconds` from now, which may be past. */
export async function makeClient(
  ca: { caCertificate: string; caKey: string },
  subject: string,
  seconds = 3600,
): Promise<{ cert: string; key: string }> {
  const { request, key } = await makeRequest(subject);
  return { cert: await signCsr(request, { ...ca, usages: ['client auth', 'digital signature'], seconds }), key };
}
