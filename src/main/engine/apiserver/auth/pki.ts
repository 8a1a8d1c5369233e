/**
 * Certificates of one server: a CA of its own, the server's certificate for loopback names, the administrator's client
 * certificate. Kept in `<dir>/pki` (0700, keys 0600) and used again, so that kubeconfigs handed out stay valid.
 */
import { generateKeyPairSync, randomBytes, type webcrypto } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Pki {
  caCertificate: string;
  serverCertificate: string;
  serverKey: string;
  adminCertificate: string;
  adminKey: string;
  /** EC private key (PKCS#8) that signs service account tokens. */
  tokenKey: string;
}

const FILES: Record<keyof Pki, string> = {
  caCertificate: 'ca.crt',
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

async function generate(name: string): Promise<Pki> {
  // Loaded only when certificates have to be made: an ordinary start does without.
  await import('reflect-metadata');
  const x509 = await import('@peculiar/x509');
  x509.cryptoProvider.set(crypto as never);
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
  const keys = () => crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as Promise<webcrypto.CryptoKeyPair>;
  const [caKeys, serverKeys, adminKeys] = await Promise.all([keys(), keys(), keys()]);
  // A clock that was set back a little must not make the certificates unusable.
  const notBefore = new Date(Date.now() - 24 * 3600 * 1000);
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notAfter.getFullYear() + YEARS);
  const serial = () => `00${randomBytes(15).toString('hex')}`.replace(/^00([89a-f])/, '007');
  const caName = `CN=${distinguished(name)}-ca`;

  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    serialNumber: serial(),
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
  const leaf = async (subject: string, publicKey: webcrypto.CryptoKey, usage: string, names: string[]) =>
    x509.X509CertificateGenerator.create({
      serialNumber: serial(),
      issuer: caName,
      subject,
      notBefore,
      notAfter,
      signingAlgorithm: algorithm,
      publicKey: publicKey as never,
      signingKey: caKeys.privateKey as never,
      extensions: [
        new x509.BasicConstraintsExtension(false, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
        new x509.ExtendedKeyUsageExtension([usage]),
        await x509.AuthorityKeyIdentifierExtension.create(caKeys.publicKey as never),
        ...(names.length === 0
          ? []
          : [
              new x509.SubjectAlternativeNameExtension([
                ...names.map((value) => ({ type: 'dns' as const, value })),
                { type: 'ip' as const, value: '127.0.0.1' },
              ]),
            ]),
      ],
    });
  const server = await leaf('CN=kube-apiserver', serverKeys.publicKey, x509.ExtendedKeyUsage.serverAuth, DNS_NAMES);
  const admin = await leaf(
    `O=${ADMIN_GROUP}, CN=${ADMIN_USER}`,
    adminKeys.publicKey,
    x509.ExtendedKeyUsage.clientAuth,
    [],
  );
  const pem = async (key: webcrypto.CryptoKey) =>
    x509.PemConverter.encode(await crypto.subtle.exportKey('pkcs8', key as never), 'PRIVATE KEY');
  return {
    caCertificate: `${ca.toString('pem')}\n`,
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
