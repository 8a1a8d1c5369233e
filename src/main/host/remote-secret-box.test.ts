import { expect, test } from 'vitest';
import type { FromEngine } from './engine-protocol.ts';
import { RemoteSecretBox } from './remote-secret-box.ts';

/** A shell whose keychain turns text around. */
function box(): RemoteSecretBox {
  const made: RemoteSecretBox = new RemoteSecretBox((message: Extract<FromEngine, { type: 'seal' | 'open' }>) => {
    const turned =
      message.type === 'seal'
        ? Buffer.from([...message.value].reverse().join('')).toString('base64')
        : [...Buffer.from(message.value, 'base64').toString()].reverse().join('');
    queueMicrotask(() => made.answered({ type: 'secret', call: message.call, result: turned }));
  });
  return made;
}

test('what is sealed for a place opens there and nowhere else', async () => {
  const secrets = box();
  const sealed = await secrets.seal('kubeconfig text', 'clusters/1');
  expect(Buffer.from(sealed).toString()).not.toContain('kubeconfig text');
  expect(await secrets.open(sealed, 'clusters/1')).toBe('kubeconfig text');
  await expect(secrets.open(sealed, 'clusters/2')).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
});

test('a keychain that refuses is SECRETS_LOCKED', async () => {
  const secrets: RemoteSecretBox = new RemoteSecretBox(({ call }) =>
    secrets.answered({ type: 'secretFailed', call, message: 'locked' }),
  );
  await expect(secrets.seal('x', 'y')).rejects.toMatchObject({ code: 'SECRETS_LOCKED' });
});
