import { expect, test } from 'vitest';
import { talk } from './plain-talk.ts';
import { programOf } from './programs.ts';
import { RedisStore } from './redis.ts';

const asked: unknown[] = [];
const say = (image: string, text: string) =>
  talk(
    programOf({ image }),
    text,
    async (...question) => {
      asked.push(question);
      return { status: 404, headers: { 'content-type': 'text/html' }, body: 'nö' };
    },
    async () => new RedisStore(new Map(), () => 0),
  );

test('a request by hand is answered as a request', async () => {
  expect(await say('nginx:1.29', 'GET /x HTTP/1.1\r\nHost: web\r\nX-A: 1\r\n\r\n')).toBe(
    'HTTP/1.1 404 Not Found\r\ncontent-type: text/html\r\ncontent-length: 3\r\n\r\nnö',
  );
  expect(asked).toEqual([['GET', '/x', { host: 'web', 'x-a': '1' }]]);
});

test.each([
  ['nginx:1.29', 'hello\n', /^HTTP\/1\.1 400 Bad Request\r\n/],
  ['nginx:1.29', '', /^$/],
  ['redis:8', 'PING\nget x\n', /^\+PONG\r\n\$-1\r\n$/],
  ['postgres:17', 'hello\n', /^$/],
])('%s says to %j what its program would', async (image, text, said) => {
  expect(await say(image, text)).toMatch(said);
});
