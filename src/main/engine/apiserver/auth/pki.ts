/**
 * Certificates of one server: a CA of its own, the server's certificate for loopback names, the administrator's client
 * certificate. Kept in `<dir>/pki` (0700, keys 0600) and used again, so that kubeconfigs handed out stay valid.
 */
import { generateKeyPairSync, type webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { EC_P256, loadX509, newSerial } from './x509.ts';

export interface Pki {
  caCertificate: string;
  /** EC private key (PKCS#8) of the CA. */
  caKey: string;
  serverCertificate: string;
  serverKey: string;
  adminCertificate: string;
  adminKey: string;
  /** EC private key (PKCS#8) that signs service account tokens. */
  tokenKey: string;
}

const FILES: Record<keyof Pki, string> = {
  caCertificate: 'ca.crt',
  caKey: 'ca.key',
  serverCertificate: 'apiserver.crt',
  serverKey: 'apiserver.key',
  adminCertificate: 'admin.crt',
  adminKey: 'admin.key',
  tokenKey: 'sa.key',
};

const YEARS = 100;
const ADMIN_USER = 'kubernetes-admin';
const ADMIN_GROUP = 'system:masters';
/** Names under which clients may come: the address itself and what in-cluster configuration uses. */
const DNS_NAMES = ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'];

/** Reads the certificates in `dir`, or makes them. Null: in memory only. */
export async function loadPki(dir: string | null, name: string): Promise<Pki> {
  if (dir === null) return generate(name);
  const folder = join(dir, 'pki');
  const known = read(folder);
  if (known !== null) return known;
  const pki = await generate(name);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (const [field, file] of Object.entries(FILES) as [keyof Pki, string][]) {
    // Written beside and renamed: a crash in between leaves no half file behind.
    const path = join(folder, file);
    writeFileSync(`${path}.new`, pki[field], { mode: 0o600 });
    renameSync(`${path}.new`, path);
  }
  return pki;
}

/** Null when not all files are there: then all are made anew, since they only fit together. */
function read(folder: string): Pki | null {
  const entries = Object.entries(FILES) as [keyof Pki, string][];
  if (!entries.every(([, file]) => existsSync(join(folder, file)))) return null;
  return Object.fromEntries(
    entries.map(([field, file]) => [field, readFileSync(join(folder, file), 'utf8')]),
  ) as unknown as Pki;
}

const algorithm = EC_P256;

interface LeafRequest {
  issuer: string;
  signingKey: webcrypto.CryptoKey;
  /** Public key of the issuer. */
  authority: webcrypto.CryptoKey;
  subject: string;
  publicKey: webcrypto.CryptoKey;
  usage: string;
  /** DNS names; the loopback address is added to them. None: no names at all. */
  names: readonly string[];
  notBefore: Date;
  notAfter: Date;
}

async function leaf(request: LeafRequest) {
  const x509 = await loadX509();
  const names = request.names.map((value) => ({ type: 'dns' as const, value }));
  return await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    issuer: request.issuer,
    subject: request.subject,
    notBefore: request.notBefore,
    notAfter: request.notAfter,
    signingAlgorithm: algorithm,
    publicKey: request.publicKey as never,
    signingKey: request.signingKey as never,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
      new x509.ExtendedKeyUsageExtension([request.usage]),
      await x509.AuthorityKeyIdentifierExtension.create(request.authority as never),
      ...(names.length === 0
        ? []
        : [new x509.SubjectAlternativeNameExtension([...names, { type: 'ip' as const, value: '127.0.0.1' }])]),
    ],
  });
}

const SERVER_SUBJECT = 'CN=kube-apiserver';
/** As kubeadm issues serving certificates: a year before they end. */
const SERVING_DAYS = 365;

/** Another certificate (PEM) for the server's key by the same CA that ends at `notAfter`, which may be past. */
export async function issueServerCertificate(pki: Pki, notAfter: Date): Promise<string> {
  const x509 = await loadX509();
  const ca = new x509.X509Certificate(pki.caCertificate);
  const server = new x509.X509Certificate(pki.serverCertificate);
  const signingKey = await crypto.subtle.importKey(
    'pkcs8',
    x509.PemConverter.decodeFirst(pki.caKey),
    algorithm,
    false,
    ['sign'],
  );
  const certificate = await leaf({
    issuer: ca.subject,
    signingKey,
    authority: (await ca.publicKey.export()) as never,
    subject: SERVER_SUBJECT,
    publicKey: (await server.publicKey.export()) as never,
    usage: x509.ExtendedKeyUsage.serverAuth,
    names: DNS_NAMES,
    notBefore: new Date(notAfter.getTime() - SERVING_DAYS * 24 * 3600 * 1000),
    notAfter,
  });
  return `${certificate.toString('pem')}\n`;
}

async function generate(name: string): Promise<Pki> {
  const x509 = await loadX509();
  const keys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
  const [caKeys, serverKeys, adminKeys] = await Promise.all([keys(), keys(), keys()]);
  // A clock that was set back a little must not make the certificates unusable.
  const notBefore = new Date(Date.now() - 24 * 3600 * 1000);
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notAfter.getFullYear() + YEARS);
  const caName = `CN=${distinguished(name)}-ca`;

  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: newSerial(),
    name: caName,
    notBefore,
    notAfter,
    signingAlgorithm: algorithm,
    keys: caKeys as never,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.digitalSignature, true),
      await x509.SubjectKeyIdentifierExtension.create(caKeys.publicKey as never),
    ],
  });
  const validity = { notBefore, notAfter };
  const issue = { issuer: caName, signingKey: caKeys.privateKey, authority: caKeys.publicKey, ...validity };
  const server = await leaf({
    ...issue,
    subject: SERVER_SUBJECT,
    publicKey: serverKeys.publicKey,
    usage: x509.ExtendedKeyUsage.serverAuth,
    names: DNS_NAMES,
  });
  const admin = await leaf({
    ...issue,
    subject: `O=${ADMIN_GROUP}, CN=${ADMIN_USER}`,
    publicKey: adminKeys.publicKey,
    usage: x509.ExtendedKeyUsage.clientAuth,
    names: [],
  });
  const pem = async (key: webcrypto.CryptoKey) =>
    x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key as never), 'PRIVATE KEY');
  return {
    caCertificate: `${ca.toString('pem')}\n`,
    caKey: await pem(caKeys.privateKey),
    serverCertificate: `${server.toString('pem')}\n`,
    serverKey: await pem(serverKeys.privateKey),
    adminCertificate: `${admin.toString('pem')}\n`,
    adminKey: await pem(adminKeys.privateKey),
    tokenKey: generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    }).privateKey,
  };
}

/** Only harmless characters go into a distinguished name. */
function distinguished(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
}
