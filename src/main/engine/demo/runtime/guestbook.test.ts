import { expect, test } from 'vitest';
import { answerGuestbook, newGuestbook } from './guestbook.ts';

/** The tutorial's application: a frontend, a primary and two replicas; pods answer by their name or address. */
function application() {
  const pods = {
    '10.0.0.1': { args: ['--http-port', '6379'], book: newGuestbook() },
    '10.0.0.2': { args: ['--replicaof', 'agnhost-primary', '--http-port', '6379'], book: newGuestbook() },
    '10.0.0.3': { args: ['--replicaof=agnhost-primary', '--http-port', '6379'], book: newGuestbook() },
    '10.0.0.9': { args: ['--backend-port', '6379'], book: newGuestbook() },
  };
  const away = new Set<string>();
  const asked: string[] = [];
  let turn = 0;
  const send = async (host: keyof typeof pods, path: string) =>
    await answerGuestbook({ ...pods[host], podIp: host, url: new URL(path, 'http://pod'), ask });
  async function ask(host: string, port: number, path: string): Promise<string> {
    const replica = turn % 2 === 0 ? '10.0.0.2' : '10.0.0.3';
    if (host === 'agnhost-replica') turn += 1;
    const named = host === 'agnhost-primary' ? '10.0.0.1' : host === 'agnhost-replica' ? replica : host;
    asked.push(`${named}:${port}${path}`);
    if (away.has(named)) throw new Error('connection refused');
    return (await send(named as keyof typeof pods, path)).body;
  }
  return { away, asked, send, front: (query: string) => send('10.0.0.9', `/guestbook?${query}`) };
}

test('what is written at the front is read from every replica, whether it registered before or after', async () => {
  const { front, asked } = application();
  expect(await front('cmd=get&key=messages&value=')).toEqual({ status: 200, body: '{"data":""}' });
  expect(await front('cmd=set&key=messages&value=one')).toEqual({ status: 200, body: '{"message":"Updated"}' });
  for (const _replica of ['second', 'first'])
    expect((await front('cmd=get&key=messages&value=')).body).toBe('{"data":"one"}');
  expect(asked).toContain('10.0.0.1:6379/register?host=10.0.0.2');
  expect(asked).toContain('10.0.0.2:6379/set?key=messages&value=one');
  expect(asked.filter((one) => one.includes('/register?')).length).toBe(2);
});

test('all entries are told in order, and safe in a page', async () => {
  const { send } = application();
  await send('10.0.0.1', '/set?key=b&value=%3Cb%3E');
  await send('10.0.0.1', '/set?key=a&value=1');
  expect((await send('10.0.0.1', '/get')).body).toBe('{"data":{"a":"1","b":"\\u003cb\\u003e"}}');
});

test('a replica that is gone keeps the primary from being updated', async () => {
  const { front, away } = application();
  await front('cmd=get&key=messages');
  away.add('10.0.0.2');
  expect((await front('cmd=set&key=messages&value=one')).body).toBe(
    "encountered error while propagating to replica '10.0.0.2': connection refused\n",
  );
});

test('a primary that does not answer is registered with later', async () => {
  const { front, away } = application();
  away.add('10.0.0.1');
  expect((await front('cmd=get&key=k')).body).toBe('{"data":""}');
  expect(await front('cmd=set&key=k&value=1')).toEqual({
    status: 417,
    body: 'encountered error: connection refused\n',
  });
  away.clear();
  await front('cmd=set&key=k&value=1');
  for (const _replica of ['first', 'second']) expect((await front('cmd=get&key=k')).body).toBe('{"data":"1"}');
});

test.each([
  ['cmd=drop&key=k', "unsupported cmd: 'drop'\n"],
  ['cmd=set&value=1', 'cannot set with empty key.\n'],
])('%s is refused', async (query, body) => {
  expect(await application().front(query)).toEqual({ status: 400, body });
});
