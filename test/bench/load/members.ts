/**
 * So many members in one process: API servers in memory, over TLS, whose Deployments are rolled out the moment they are
 * written. The argument is the number; prints one line of JSON with their kubeconfigs (paths) when they serve.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startMember } from '../../fixtures/federation.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'fleetdeck-members-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
process.once('SIGTERM', () => process.exit(0));

const kubeconfigs: Record<string, string> = {};
for (let index = 0; index < Number(process.argv[2]); index++) {
  const name = `m${String(index).padStart(3, '0')}`;
  const { server } = await startMember(name);
  const file = path.join(folder, name);
  writeFileSync(file, server.kubeconfig(), { mode: 0o600 });
  kubeconfigs[name] = file;
}
console.log(JSON.stringify({ ready: true, kubeconfigs }));
