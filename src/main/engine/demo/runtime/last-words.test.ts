import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { lastWords } from './last-words.ts';

function pod(containers: number): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'p' },
    spec: { containers: Array.from({ length: containers }, (_, at) => ({ name: `c${at}` })) },
    status: { containerStatuses: [{ name: 'c0', state: { terminated: { exitCode: 1 } } }] },
  } as KubeObject;
}

async function words(file: string, spec: Json = {}, exitCode = 1, containers = 1): Promise<string> {
  const host = {
    files: async () => file,
    logs: {
      async *read({ tailLines, previous }: { tailLines: number | null; previous: boolean }) {
        expect(previous).toBe(false);
        yield Buffer.from('x'.repeat(3000));
        yield Buffer.from(`last of ${tailLines} lines\n`);
      },
    },
  };
  return await lastWords(host, pod(containers), { spec: { name: 'c0', ...spec }, containerId: 'c' }, exitCode);
}

const fallback = { terminationMessagePolicy: 'FallbackToLogsOnError' };

test('a message is what was written to its file, at most its last 4096 bytes', async () => {
  expect(await words('DONE')).toBe('DONE');
  expect(await words(`a${'b'.repeat(4096)}`)).toBe('b'.repeat(4096));
});

test('the log stands in for an empty file where the policy says so and the container failed', async () => {
  expect(await words('', fallback)).toMatch(/^x+last of 80 lines\n$/);
  expect(Buffer.byteLength(await words('', fallback))).toBe(2048);
  expect(await words('OK', fallback)).toBe('OK');
  expect(await words('', fallback, 0)).toBe('');
  expect(await words('')).toBe('');
});

test('the containers of a pod share 12 KiB', async () => {
  expect(await words('m'.repeat(4096), {}, 1, 6)).toHaveLength(2048);
});
