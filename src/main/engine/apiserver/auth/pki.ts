/**
 * Certificates of one server: a CA of its own, the server's certificate for loopback names, the administrator's client
 * certificate. Kept in `<dir>/pki` (0700, keys 0600) and used again, so that kubeconfigs handed out stay valid.
 */
import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  type KeyPairKeyObjectResult,
} from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { distinguishedName, subjectOf, writeCertificate } from './certificate.ts';
import { newSerial } from './x509.ts';

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
export function loadPki(dir: string | null, name: string): Pki {
  if (dir === null) return generate(name);
  const folder = join(dir, 'pki');
  const known = read(folder);
  if (known !== null) return known;
  const pki = generate(name);
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

const SERVER_SUBJECT = distinguishedName([['CN', 'kube-apiserver']]);
/** As kubeadm issues serving certificates: a year before they end. */
const SERVING_DAYS = 365;

/** Another certificate (PEM) for the server's key by the same CA that ends at `notAfter`, which may be past. */
export function issueServerCertificate(pki: Pki, notAfter: Date): string {
  return writeCertificate({
    serial: newSerial(),
    issuer: subjectOf(pki.caCertificate),
    subject: SERVER_SUBJECT,
    publicKey: createPublicKey(pki.serverKey),
    signingKey: createPrivateKey(pki.caKey),
    authority: createPublicKey(pki.caKey),
    notBefore: new Date(notAfter.getTime() - SERVING_DAYS * 24 * 3600 * 1000),
    notAfter,
    usage: 'server',
    names: DNS_NAMES,
  });
}

function generate(name: string): Pki {
  const [ca, server, admin, token] = [keys(), keys(), keys(), keys()];
  // A clock that was set back a little must not make the certificates unusable.
  const notBefore = new Date(Date.now() - 24 * 3600 * 1000);
  const notAfter = new Date(notBefore);
  notAfter.setFullYear(notAfter.getFullYear() + YEARS);
  const issuer = distinguishedName([['CN', `${distinguished(name)}-ca`]]);
  const common = { issuer, signingKey: ca.privateKey, authority: ca.publicKey, notBefore, notAfter };
  const adminSubject = distinguishedName([
    ['O', ADMIN_GROUP],
    ['CN', ADMIN_USER],
  ]);
  return {
    caCertificate: writeCertificate({
      ...common,
      serial: newSerial(),
      subject: issuer,
      publicKey: ca.publicKey,
      usage: 'authority',
    }),
    caKey: pem(ca.privateKey),
    serverCertificate: writeCertificate({
      ...common,
      serial: newSerial(),
      subject: SERVER_SUBJECT,
      publicKey: server.publicKey,
      usage: 'server',
      names: DNS_NAMES,
    }),
    serverKey: pem(server.privateKey),
    adminCertificate: writeCertificate({
      ...common,
      serial: newSerial(),
      subject: adminSubject,
      publicKey: admin.publicKey,
      usage: 'client',
    }),
    adminKey: pem(admin.privateKey),
    tokenKey: pem(token.privateKey),
  };
}

const keys = (): KeyPairKeyObjectResult => generateKeyPairSync('ec', { namedCurve: 'P-256' });

const pem = (key: KeyObject): string => key.export({ type: 'pkcs8', format: 'pem' }).toString();

/** Only harmless characters go into a distinguished name. */
function distinguished(name: string): string {
  return name.replace(/[^A-Za-z0-9.-]/g, '-').slice(0, 40);
}
