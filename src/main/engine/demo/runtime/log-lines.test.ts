import { describe, expect, test } from 'vitest';
import { type LoggedRun, linesBetween } from './log-lines.ts';
import { programOf } from './programs.ts';

const START = Date.UTC(2026, 0, 1, 12);

function run(container: Record<string, unknown>, end: LoggedRun['end'] = null): LoggedRun {
  return { container, program: programOf(container), pod: 'web-0', identity: [20, 'web-0'], startedAt: START, end };
}

describe('the log of a container', () => {
  const nginx = run({ name: 'web', image: 'nginx:1.29' });

  test('goes on, in order, and is the same whenever it is read', () => {
    const lines = linesBetween(nginx, START, START + 600_000);
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.map(({ at }) => at)).toEqual(lines.map(({ at }) => at).sort((a, b) => a - b));
    expect(linesBetween(nginx, START, START + 600_000)).toEqual(lines);
  });

  test('read in pieces is the same as read at once', () => {
    const middle = START + 123_457;
    const pieces = [...linesBetween(nginx, START, middle), ...linesBetween(nginx, middle, START + 300_000)];
    expect(pieces).toEqual(linesBetween(nginx, START, START + 300_000));
  });

  test('is that of its image', () => {
    const text = (image: string) =>
      linesBetween(run({ name: 'c', image }), START, START + 900_000)
        .map((line) => line.text)
        .join('\n');
    expect(text('nginx:1')).toMatch(/"GET \/ HTTP\/1\.1" 200/);
    expect(text('postgres:17')).toContain('database system is ready to accept connections');
    expect(text('valkey/valkey:8.1')).toContain('Ready to accept connections');
    expect(text('ghcr.io/example/cart:2.4.1')).toContain('"msg":"listening"');
    expect(text('busybox')).toBe('');
  });

  test('counts as the loop of its command does, from the first round on', () => {
    const said = (script: string, ms = 3500) =>
      linesBetween(run({ name: 'c', image: 'busybox', command: ['sh', '-c', script] }), START, START + ms).map(
        ({ text }) => text,
      );
    expect(said('i=0; while true; do echo "line $i"; i=$((i+1)); sleep 1; done')).toEqual([
      'line 0',
      'line 1',
      'line 2',
      'line 3',
    ]);
    expect(said('n=5; while true; do n=$(expr $n + 2); echo $n; sleep 2; done')).toEqual(['7', '9']);
    expect(said('while true; do echo $i; ((i++)); sleep 1; done', 1500)).toEqual(['0', '1']);
    expect(said('for x in a b; do echo $x; sleep 1; done')).toEqual(['a', 'b']);
    expect(said('for x in $(seq 2 3); do echo $x; sleep 1; done')).toEqual(['2', '3']);
    expect(said('for x in {1..2}; do echo $x; sleep 1; done')).toEqual(['1', '2']);
  });

  test('has what goes to standard error, and not what goes into a file', () => {
    const said = (script: string) =>
      linesBetween(run({ name: 'c', image: 'busybox', command: ['sh', '-c', script] }), START, START + 900).map(
        ({ text }) => text,
      );
    expect(said('echo oops >&2; exit 2')).toEqual(['oops']);
    expect(said('echo "oops" 1>&2')).toEqual(['oops']);
    expect(said('echo ready > /tmp/ready; echo "a" >> /tmp/b; echo up')).toEqual(['up']);
  });

  test('is what its command prints, once or in a loop', () => {
    const command = (line: string) =>
      run({ name: 'c', image: 'busybox', args: ['sh', '-c', line], env: [{ name: 'WHO', value: 'you' }] });
    const once = linesBetween(command('echo hello $WHO; sleep 5'), START, START + 60_000);
    expect(once.map((line) => line.text)).toEqual(['hello you']);
    const loop = linesBetween(command('while true; do date; sleep 2; done'), START, START + 60_000);
    expect(loop.length).toBeGreaterThan(25);
    expect(loop[0]?.text).toMatch(/^Thu Jan 1 12:00:0\d UTC 2026$|^Thu Jan 01 12:00:0\d UTC 2026$/);
  });

  test('ends with why the program ended', () => {
    const failed = run({ name: 'c', image: 'example/app:1' }, { at: START + 2000, exitCode: 2, reason: 'Error' });
    const lines = linesBetween(failed, START, START + 600_000).map((line) => line.text);
    expect(lines.at(-1)).toBe('main.main()');
    expect(lines).toContain('panic: runtime error: invalid memory address or nil pointer dereference');
  });
});
