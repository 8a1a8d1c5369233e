/** Chains as authorities make them: whole, without what is between, and by an authority that has changed its key. */
import { type webcrypto, X509Certificate } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { EC_P256, loadX509, newSerial } from '../apiserver/auth/x509.ts';
import { certificatesOf } from './certificates.ts';

interface Made {
  pem: string;
  name: string;
  keys: webcrypto.CryptoKeyPair;
}

const UNTIL = '2030-01-02T00:00:00.000Z';

async function make(name: string, issuer: Made | null): Promise<Made> {
  const x509 = await loadX509();
  const keys = (await crypto.subtle.generateKey(EC_P256, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair;
  const made = await x509.X509CertificateGenerator.create({
    serialNumber: newSerial(),
    subject: `CN=${name}`,
    issuer: `CN=${issuer?.name ?? name}`,
    notBefore: new Date('2020-01-01T00:00:00Z'),
    notAfter: new Date(UNTIL),
    publicKey: keys.publicKey as never,
    signingKey: (issuer?.keys ?? keys).privateKey as never,
    signingAlgorithm: EC_P256,
    extensions: [new x509.BasicConstraintsExtension(!name.startsWith('leaf'))],
  });
  return { pem: made.toString('pem'), name, keys };
}

let [root, renewed, middle, leaf]: Made[] = [];
beforeAll(async () => {
  root = await make('root', null);
  renewed = await make('root', null);
  middle = await make('middle', root);
  leaf = await make('leaf', middle);
});

const pem = (...made: (Made | undefined)[]): string => made.map((one) => one?.pem).join('\n');
const look = (sent: (Made | undefined)[], trusted: (Made | undefined)[]) =>
  certificatesOf({ sent: sent.map((one) => new X509Certificate(pem(one))), authorities: pem(...trusted) });

test('a chain that leads to what is trusted is whole', () => {
  expect(look([leaf, middle], [root]).chain).toBeNull();
  expect(look([leaf, middle, root], [root]).chain).toBeNull();
});

test('an intermediate that only the kubeconfig has is missed by everybody else', () => {
  expect(look([leaf], [root, middle]).chain).toEqual({ what: 'notSent', subject: 'CN=leaf', issuer: 'CN=middle' });
});

test('an issuer that nobody has is named', () => {
  expect(look([leaf], [root]).chain).toEqual({ what: 'unknown', subject: 'CN=leaf', issuer: 'CN=middle' });
});

test('an authority that has got another key is told from one that is not there', () => {
  expect(look([leaf, middle], [renewed]).chain).toEqual({ what: 'otherKey', subject: 'CN=middle', issuer: 'CN=root' });
});

test('every certificate on both sides has its end, each once', () => {
  const { certificates } = certificatesOf({
    sent: [leaf, middle].map((one) => new X509Certificate(pem(one))),
    authorities: `${pem(root, middle)}\n-----BEGIN CERTIFICATE-----\nbm9uZQ==\n-----END CERTIFICATE-----`,
    client: pem(leaf, middle),
  });
  expect(certificates.map(({ of, subject }) => `${of}: ${subject}`)).toEqual([
    'API server certificate: CN=leaf',
    'authority of the API server: CN=middle',
    'authority in the kubeconfig: CN=root',
    'client certificate of the kubeconfig: CN=leaf',
    'authority of the client certificate: CN=middle',
  ]);
  expect(new Set(certificates.map(({ notAfter }) => new Date(notAfter).toISOString()))).toEqual(new Set([UNTIL]));
});
