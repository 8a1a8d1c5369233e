/** `fleetdeck selftest`: whether everything the application stands on works on this machine. Touches nothing of the person's. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { AppError, type AppErrorShape } from '#shared/errors.ts';
import type { TextKey } from '#shared/i18n/index.ts';
import { apiOf, shapeOf } from '../../host/api.ts';
import { rendererDir } from '../../host/locations.ts';
import { createLog } from '../../host/log.ts';
import { openEngine } from '../../host/open-engine.ts';
import type { Command } from '../command.ts';

interface Check {
  name: 'node' | 'apiserver' | 'engine' | 'loopback';
  run(dir: string): Promise<string>;
}

const checks: readonly Check[] = [
  {
    name: 'node',
    async run() {
      const [major = 0] = process.versions.node.split('.').map(Number);
      if (major < 22) throw new AppError('UNSUPPORTED', `Node ${process.versions.node}; 22 or newer is needed`);
      return process.versions.node;
    },
  },
  {
    name: 'apiserver',
    async run(dir) {
      const { startApiServer } = await import('../../engine/apiserver/index.ts');
      const server = await startApiServer({ dir: path.join(dir, 'apiserver'), name: 'selftest' });
      try {
        const configMaps = { group: '', version: 'v1', resource: 'configmaps' };
        const client = server.client('selftest');
        const namespace = 'default';
        await client.create(
          configMaps,
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'selftest', namespace }, data: { a: '1' } },
          { namespace },
        );
        const { metadata } = await client.get(configMaps, 'selftest', { namespace });
        return `${server.server}, resourceVersion ${metadata.resourceVersion}`;
      } finally {
        await server.close();
      }
    },
  },
  {
    name: 'engine',
    async run(dir) {
      const engine = await openEngine({ dataDir: path.join(dir, 'engine'), host: 'cli', log: createLog() });
      try {
        const api = apiOf(engine);
        await api.system.updateSettings({ theme: 'dark' });
        const audit = await api.audit.verify();
        if (!audit.ok) throw new AppError('STORE_DAMAGED', audit.problem ?? 'audit log');
        const { secrets } = await api.system.info();
        return `secrets: ${secrets.backend}, audit: ${audit.records}`;
      } finally {
        await engine.close();
      }
    },
  },
  {
    name: 'loopback',
    async run(dir) {
      const { startLoopback } = await import('../../loopback/index.ts');
      const log = createLog();
      const engine = await openEngine({ dataDir: path.join(dir, 'engine'), host: 'loopback', log });
      try {
        const loopback = await startLoopback({ engine, rendererDir, dataDir: dir, port: 0, log });
        try {
          const answer = await fetch(loopback.url, { redirect: 'manual' });
          const cookie = answer.headers.getSetCookie()[0]?.split(';')[0] ?? '';
          const page = await fetch(new URL('/', loopback.url), { headers: { cookie } });
          if (page.status !== 200) throw new AppError('INTERNAL', `the interface answers ${page.status}`);
          return new URL(loopback.url).origin;
        } finally {
          await loopback.close();
        }
      } finally {
        await engine.close();
      }
    },
  },
];

export const selftest: Command = {
  usage: 'selftest',
  options: {},
  async run(call) {
    const { out } = call;
    const dir = mkdtempSync(path.join(tmpdir(), 'fleetdeck-selftest-'));
    const results: { name: Check['name']; ok: boolean; detail: string; ms: number; error: AppErrorShape | null }[] = [];
    try {
      for (const { name, run } of checks) {
        const started = performance.now();
        const outcome = await run(dir).then(
          (detail) => ({ ok: true, detail, error: null }),
          (error: unknown) => ({ ok: false, detail: '', error: shapeOf(error) }),
        );
        results.push({ name, ...outcome, ms: Math.round(performance.now() - started) });
      }
    } finally {
      rmSync(dir, { recursive: true, force: true });
    }
    const ok = results.every((result) => result.ok);
    if (call.json) out.document({ ok, checks: results });
    else {
      for (const { name, ok, detail, ms, error } of results) {
        const outcome = out.text(ok ? 'host.cli.selftest.passed' : 'host.cli.selftest.failed');
        const key: TextKey = `host.cli.selftest.${name}`;
        out.line(`${outcome}  ${out.text(key)}  ${detail}  (${ms} ms)`);
        if (error !== null) out.error(error);
      }
    }
    return ok ? 0 : 1;
  },
};
