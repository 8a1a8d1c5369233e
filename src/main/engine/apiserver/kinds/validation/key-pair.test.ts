import { expect, test } from 'vitest';
import { loadPki } from '../../auth/pki.ts';
import { makeClient } from '../../test-certificates.ts';
import { keyPairProblems } from './key-pair.ts';

const secret = (crt: string, key: string) => ({
  'tls.crt': Buffer.from(crt).toString('base64'),
  'tls.key': Buffer.from(key).toString('base64'),
});

test('a certificate has to be there, with the key that it was made for', async () => {
  const pki = loadPki(null, 'test');
  const [one, other] = [await makeClient(pki, 'CN=a'), await makeClient(pki, 'CN=b')];
  expect(keyPairProblems(secret(one.cert, one.key))).toEqual([]);
  expect(keyPairProblems(secret(one.cert, other.key))).toEqual(['tls: private key does not match public key']);
  expect(keyPairProblems({})).toEqual(['tls: failed to find any PEM data in certificate input']);
  expect(keyPairProblems(secret(one.cert, 'x'))).toEqual(['tls: failed to find any PEM data in key input']);
  expect(keyPairProblems(secret(one.key, one.key))).toEqual([
    'tls: failed to find certificate PEM data in certificate input, but did find a private key; PEM inputs may have been switched',
  ]);
  expect(keyPairProblems(secret(one.cert, one.cert))).toEqual([
    'tls: failed to find PEM block with type ending in "PRIVATE KEY" in key input after skipping PEM blocks of the following types: [CERTIFICATE]',
  ]);
});
