import { describe, expect, test } from 'vitest';
import type { KubeClient } from '../../kube/index.ts';
import { reachesMembers } from './inspect.ts';

/** A control plane with these members; those named in `answering` answer through it. */
function controlPlane(members: Record<string, boolean>, answering: readonly string[]) {
  const asked: string[] = [];
  const items = Object.entries(members).map(([name, ready]) => ({
    metadata: { name },
    status: { conditions: [{ type: 'Ready', status: ready ? 'True' : 'False' }] },
  }));
  const client = {
    list: async () => ({ items }),
    transport: {
      request: async ({ path }: { path: string }) => {
        const [, name = ''] = /clusters\/([^/]+)\/proxy\/version$/.exec(path) ?? [];
        asked.push(name);
        return { status: answering.includes(name) ? 200 : 503 };
      },
    },
  } as unknown as KubeClient;
  return { client, asked };
}

describe('the way to the members of a control plane that others run', () => {
  test('is open when one that is ready answers, whatever the others do', async () => {
    const { client, asked } = controlPlane({ lost: false, east: true, west: true }, ['west']);
    expect(await reachesMembers(client)).toBe(true);
    expect(asked).toEqual(['east', 'west']);
  });

  test('is closed when none that is ready answers, and a few are enough to know', async () => {
    const { client, asked } = controlPlane({ a: true, b: true, c: true, d: true }, []);
    expect(await reachesMembers(client)).toBe(false);
    expect(asked).toEqual(['a', 'b', 'c']);
  });

  test('is not known while no member is ready', async () => {
    const { client, asked } = controlPlane({ a: false }, ['a']);
    expect(await reachesMembers(client)).toBeNull();
    expect(asked).toEqual([]);
  });
});
