import { describe, expect, test } from 'vitest';
import { RedisStore } from './redis.ts';
import { decoded, encoded, settingsOf, shown, wordsIn } from './resp.ts';

function session(settings: Record<string, string> = {}) {
  const clock = { now: 1_700_000_000_000 };
  const store = new RedisStore(new Map(Object.entries(settings)), () => clock.now);
  return { clock, say: (line: string) => store.run(wordsIn(line)) };
}

describe('values', () => {
  test('are kept, counted and forgotten', () => {
    const { say } = session();
    expect(say('SET greeting "hello world"')).toEqual({ ok: 'OK' });
    expect(say('get greeting')).toBe('hello world');
    expect([say('INCR n'), say('INCRBY n 41'), say('get n')]).toEqual([1, 42, '42']);
    expect(say('INCR greeting')).toEqual({ error: 'ERR value is not an integer or out of range' });
    expect([say('DEL greeting n nothing'), say('GET greeting'), say('DBSIZE')]).toEqual([2, null, 0]);
  });

  test('of one kind are not taken for another', () => {
    const { say } = session();
    say('RPUSH list a');
    expect(say('GET list')).toMatchObject({ error: expect.stringMatching(/^WRONGTYPE/) });
    expect(say('LPUSH list b')).toBe(2);
    expect(say('TYPE list')).toEqual({ ok: 'list' });
  });

  test('end when their time is over, and a new one has all time', () => {
    const { say, clock } = session();
    say('SET a 1 EX 10');
    say('EXPIRE b 5');
    expect([say('TTL a'), say('TTL b'), say('EXISTS a')]).toEqual([10, -2, 1]);
    clock.now += 10_000;
    expect([say('GET a'), say('KEYS *')]).toEqual([null, []]);
    say('SET a 2 PX 500');
    say('SET a 3');
    expect(say('TTL a')).toBe(-1);
  });

  test('lists are queues, with indexes from both ends', () => {
    const { say } = session();
    say('RPUSH job2 apple banana cherry');
    expect(say('LRANGE job2 0 -1')).toEqual(['apple', 'banana', 'cherry']);
    expect(say('LRANGE job2 -2 -1')).toEqual(['banana', 'cherry']);
    expect([say('LPOP job2'), say('RPOP job2'), say('LLEN job2')]).toEqual(['apple', 'cherry', 1]);
    expect([say('LPOP job2'), say('LPOP job2'), say('EXISTS job2')]).toEqual(['banana', null, 0]);
  });

  test('hashes and sets', () => {
    const { say } = session();
    expect([say('HSET h a 1 b 2'), say('HSET h a 3'), say('HGETALL h')]).toEqual([2, 0, ['a', '3', 'b', '2']]);
    expect([say('SADD s x y x'), say('SISMEMBER s y'), say('SREM s y z')]).toEqual([2, 1, 1]);
  });

  test('what is no command or not enough of one is refused', () => {
    const { say } = session();
    expect(say('FLY a')).toEqual({ error: "ERR unknown command 'FLY', with args beginning with: 'a' " });
    expect(say('get')).toEqual({ error: "ERR wrong number of arguments for 'get' command" });
    expect(say('constructor')).toMatchObject({ error: expect.stringMatching(/^ERR unknown/) });
  });

  test('a pattern made to take for ever does not', () => {
    const { say } = session();
    say(`SET ${'a'.repeat(5000)} 1`);
    expect(say(`KEYS ${'a*'.repeat(60)}b`)).toEqual([]);
  });
});

test('configuration comes from a file and from words, and is asked for and changed', () => {
  const settings = settingsOf('# comment\nmaxmemory 2mb\nmaxmemory-policy allkeys-lru\n', ['--appendonly', 'yes']);
  const { say } = session(Object.fromEntries(settings));
  expect(say('CONFIG GET maxmemory')).toEqual(['maxmemory', '2097152']);
  expect(say('CONFIG GET appendonly')).toEqual(['appendonly', 'yes']);
  say('CONFIG SET maxmemory 1gb');
  expect(say('CONFIG GET max*')).toEqual(['maxmemory', '1073741824', 'maxmemory-policy', 'allkeys-lru']);
});

test.each([
  [{ ok: 'OK' }, 'OK', 'OK', '+OK\r\n'],
  [{ error: 'ERR no' }, '(error) ERR no', 'ERR no\n', '-ERR no\r\n'],
  [7, '(integer) 7', '7', ':7\r\n'],
  ['hé "x"', '"hé \\"x\\""', 'hé "x"', '$7\r\nhé "x"\r\n'],
  [null, '(nil)', '', '$-1\r\n'],
  [['a', ['b', 1]], '1) "a"\n2) 1) "b"\n   2) (integer) 1', 'a\nb\n1', '*2\r\n$1\r\na\r\n*2\r\n$1\r\nb\r\n:1\r\n'],
  [[], '(empty array)', '', '*0\r\n'],
])('%j on a terminal, bare, and on the wire', (reply, terminal, bare, wire) => {
  expect([shown(reply, true), shown(reply, false), encoded(reply)]).toEqual([terminal, bare, wire]);
});

test('commands are taken from a stream when they are whole, in either form', () => {
  const bytes = Buffer.from('*2\r\n$3\r\nGET\r\n$5\r\nna me\r\nPING\r\n*1\r\n$4\r\nPI');
  const { commands, rest } = decoded(bytes);
  expect(commands).toEqual([['GET', 'na me'], ['PING']]);
  expect(decoded(Buffer.concat([rest, Buffer.from('NG\r\n')])).commands).toEqual([['PING']]);
  expect(() => decoded(Buffer.from('*x\r\n'))).toThrow('Protocol error');
});
