import { expect, test } from 'vitest';
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { agnhostTool } from './agnhost-tool.ts';
import { emptyFiles, shellLibrary } from './container-files.ts';
import { ownersIn } from './owners.ts';
import { inputOf } from './shell.ts';
import type { Surroundings } from './system.ts';

async function run(...args: string[]) {
  const files = emptyFiles(await shellLibrary());
  files.writeFileSync('/etc/resolv.conf', 'search a.local b.local\nnameserver 10.96.0.10\nnameserver 9.9.9.9\n');
  files.writeFileSync('/data/one', 'text', undefined, { mode: 0o640 });
  const container: Json = { volumeMounts: [{ name: 'd', mountPath: '/data' }] };
  const pod = {
    metadata: {},
    spec: { securityContext: { fsGroup: 123 }, volumes: [{ name: 'd', emptyDir: { medium: 'Memory' } }] },
  };
  const none = { get: () => undefined };
  const world = { pace: 0, caches: { nodes: none, volumes: none, volumeClaims: none } };
  const owners = ownersIn(pod as unknown as KubeObject, container);
  const { agnhost } = agnhostTool({ world, pod, container, owners } as unknown as Surroundings);
  const said: string[] = [];
  const io = {
    ...inputOf(Buffer.alloc(0)),
    out: (text: string | Uint8Array) => void said.push(String(text)),
    err: () => undefined,
  };
  const code = await agnhost?.(args, io, { files, signal: new AbortController().signal } as never);
  return [code, said.join('')];
}

test.each<[string, number, string]>([
  ['dns-suffix', 0, 'a.local,b.local\n'],
  ['dns-server-list', 0, '10.96.0.10,9.9.9.9\n'],
  ['entrypoint-tester x y', 0, '[/agnhost entrypoint-tester x y]\n'],
  ['mounttest --fs_type=/data', 0, 'mount type of "/data": tmpfs\n'],
  [
    'mounttest --file_mode=/data/one --file-content=/data/one',
    0,
    'mode of file "/data/one": -rw-r-----\ncontent of file "/data/one": text\n',
  ],
  [
    'mounttest --new_file_0666=/data/two --file_perm=/data/two',
    0,
    'content of file "/data/two": mount-tester new file\n\nperms of file "/data/two": -rw-rw-rw-\n',
  ],
  ['mounttest --file_mode=/data', 0, 'mode of file "/data": dgtrwxrwxr-x\n'],
  ['mounttest --file_owner=/data/one', 0, 'owner UID of "/data/one": 0\nowner GID of "/data/one": 123\n'],
  [
    'mounttest --file_owner=/etc/resolv.conf',
    0,
    'owner UID of "/etc/resolv.conf": 0\nowner GID of "/etc/resolv.conf": 0\n',
  ],
  [
    'mounttest --file_content_in_loop=/data/one --retry_time=4 --break_on_expected_content=false',
    0,
    'content of file "/data/one": text\ncontent of file "/data/one": text\n',
  ],
  [
    'mounttest --file_content_in_loop=/none --retry_time=2',
    1,
    'Error reading file /none: open /none: no such file or directory, retrying\n',
  ],
  ['mounttest --file_content=/none', 1, 'error reading file /none: No such file or directory\n'],
  ['nonsense', 1, ''],
])('agnhost %s', async (line, code, said) => {
  expect(await run(...line.split(' '))).toEqual([code, said]);
});
