/** Throw-away certificate authorities and certificates for tests of TLS failures. */
import 'reflect-metadata';
import { webcrypto } from 'node:crypto';
import * as x509 from '@peculiar/x509';

x509.cryptoProvider.set(webcrypto as Crypto);

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const DAY = 86_400_000;

export interface Pair {
  cert: string;
  key: string;
}

export interface CertificateOptions {
  cn: string;
  org?: string;
  dns?: string[];
  ip?: string[];
  notBefore?: Date;
  notAfter?: Date;
}

export interface Authority {
  readonly pem: string;
  server(options?: Partial<CertificateOptions>): Promise<Pair>;
  client(options?: Partial<CertificateOptions>): Promise<Pair>;
}

let serial = 1;

export async function createAuthority(name = 'test-ca'): Promise<Authority> {
  const keys = await generate();
  const issuer = `CN=${name}`;
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: (serial++).toString(16).padStart(4, '0'),
    name: issuer,
    notBefore: new Date(Date.now() - 365 * DAY),
    notAfter: new Date(Date.now() + 365 * DAY),
    keys,
    signingAlgorithm: ALGORITHM,
    extensions: [
      new x509.BasicConstraintsExtension(true, 1, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
    ],
  });

  async function issue(options: CertificateOptions, usage: x509.ExtendedKeyUsage): Promise<Pair> {
    const own = await generate();
    const names = [
      ...(options.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(options.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
    ];
    const certificate = await x509.X509CertificateGenerator.create({
      serialNumber: (serial++).toString(16).padStart(4, '0'),
      subject: `CN=${options.cn}${options.org === undefined ? '' : `,O=${options.org}`}`,
      issuer,
      notBefore: options.notBefore ?? new Date(Date.now() - DAY),
      notAfter: options.notAfter ?? new Date(Date.now() + DAY),
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: ALGORITHM,
      extensions: [
        new x509.ExtendedKeyUsageExtension([usage]),
        ...(names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []),
      ],
    });
    const pkcs8 = await webcrypto.subtle.exportKey('pkcs8', own.privateKey);
    return { cert: certificate.toString('pem'), key: x509.PemConverter.encode(pkcs8, 'PRIVATE KEY') };
  }

  return {
    pem: ca.toString('pem'),
    server: (options = {}) =>
      issue({ cn: 'api', ip: ['127.0.0.1'], dns: ['localhost'], ...options }, x509.ExtendedKeyUsage.serverAuth),
    client: (options = {}) =>
      issue({ cn: 'admin', org: 'system:masters', ...options }, x509.ExtendedKeyUsage.clientAuth),
  };
}

async function generate(): Promise<CryptoKeyPair> {
  return (await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])) as CryptoKeyPair;
}
