import { expect, test } from 'vitest';
import { documentOf } from './documents.ts';
import { emptyFiles, shellLibrary } from './shell/container-files.ts';
import { NGINX } from './shell/image-files.ts';

const ROOT = '/usr/share/nginx/html';
const INDEX = ['index.html'];

test('a container that nobody touched hands out what its image has', async () => {
  expect(await documentOf(null, NGINX, ROOT, '/', INDEX)).toMatchObject({ type: 'text/html' });
  expect(await documentOf(null, NGINX, ROOT, '/none', INDEX)).toBeNull();
});

test('written files are handed out with the type of their name, folders by their index', async () => {
  const files = emptyFiles(await shellLibrary());
  files.mkdirSync(`${ROOT}/docs`, { recursive: true });
  files.writeFileSync(`${ROOT}/app.js`, 'run()');
  files.writeFileSync(`${ROOT}/a b.txt`, 'spaced');
  files.writeFileSync('/etc/passwd', 'root');
  const at = (path: string) => documentOf(files, NGINX, ROOT, path, INDEX);
  expect(await at('/app.js')).toEqual({ content: 'run()', type: 'application/javascript' });
  expect(await at('/a%20b.txt')).toEqual({ content: 'spaced', type: 'text/plain' });
  expect([await at('/'), await at('/docs'), await at('/docs/')]).toEqual(['directory', 'directory', 'directory']);
  files.writeFileSync(`${ROOT}/docs/index.html`, 'docs');
  expect(await at('/docs/')).toMatchObject({ content: 'docs' });
  expect([await at('/../../../../etc/passwd'), await at('/%2e%2e/x'), await at('/%ff'), await at('/no')]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});
