import { expect, test } from 'vitest';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { createKindRegistry } from '../../kinds/index.ts';
import { startApiServer } from '../../start.ts';
import { presetObject, presetRoles } from './index.ts';

/** In the order of its fields; without what no two objects share. */
function shape({ metadata, ...rest }: KubeObject): string {
  const { uid: _uid, resourceVersion: _version, creationTimestamp: _created, managedFields = [], ...names } = metadata;
  const owned = (managedFields as Record<string, unknown>[]).map(({ time: _time, ...entry }) => entry);
  return JSON.stringify({ ...rest, metadata: { ...names, managedFields: owned } });
}

test('presets are stored as the API would store them', async () => {
  const server = await startApiServer({ dir: null, name: 'presets' });
  try {
    const client = server.client('kube-apiserver');
    const registry = createKindRegistry([]);
    for (const preset of presetRoles()) {
      const kind = registry.findKind(preset.apiVersion, preset.kind);
      if (kind === undefined) throw new Error(`no kind ${preset.kind}`);
      const { name = '', namespace } = preset.metadata;
      const other = { ...preset, metadata: { ...preset.metadata, name: `${name}:other` } };
      const created = await client.create(kind, structuredClone(other), { namespace, dryRun: true });
      expect(shape(presetObject(kind, other, Date.now()))).toBe(shape(created));
    }
  } finally {
    await server.close();
  }
});
