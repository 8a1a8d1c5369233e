/** `fleetdeck clusters access`: kubeconfigs issued for a cluster, and `clusters log`: what was done with it. */
import type { IssuedAccess } from '#shared/contract/access.ts';
import { AppError } from '#shared/errors.ts';
import type { Api } from '../../host/api.ts';
import { byName, settledClusters, withEngine } from '../api.ts';
import { type Call, UsageError } from '../command.ts';

export async function access(call: Call): Promise<number> {
  const [, what, name, ...more] = call.args;
  if (what === 'list' && name !== undefined && more.length === 0) return await list(call, name);
  if (what === 'issue' && name !== undefined && more.length === 0) return await issue(call, name);
  if (what === 'revoke' && name !== undefined && more.length > 0) return await revoke(call, name, more);
  throw new UsageError('clusters access list NAME | issue NAME --for PERSON | revoke NAME ID ...');
}

async function list(call: Call, name: string): Promise<number> {
  return await withEngine(call, async (api) => {
    const { id } = byName(await api.clusters.list(), name);
    print(call, await api.access.list({ clusterId: id }));
    return 0;
  });
}

async function issue(call: Call, name: string): Promise<number> {
  const subject = call.options.text('for');
  if (subject === undefined) throw new UsageError('clusters access issue: --for PERSON says whom it is for');
  const role = call.options.text('role');
  const expiresIn = secondsOf(call.options.text('expires'));
  return await withEngine(call, async (api, engine) => {
    const { id } = byName(await settledClusters(engine), name);
    const issued = await api.access.issue({
      clusterId: id,
      subject,
      right: role === undefined ? { kind: 'readOnly' } : { kind: 'role', name: role },
      namespaces: call.options.list('namespace'),
      ...(expiresIn === undefined ? {} : { expiresIn }),
      ...(call.options.text('out') === undefined ? {} : { path: call.options.text('out') as string }),
    });
    if (call.json) call.out.document(issued);
    else {
      call.out.line(call.out.text('host.cli.accessIssued', { path: issued.path, expires: issued.expiresAt }));
      if (issued.shortened) call.out.note(call.out.text('host.cli.accessShortened', {}));
    }
    return 0;
  });
}

/** By the beginning of an id, as `list` prints it. Exit code 1 when a revoked one is still let in. */
async function revoke(call: Call, name: string, ids: readonly string[]): Promise<number> {
  return await withEngine(call, async (api, engine) => {
    const { id } = byName(await settledClusters(engine), name);
    const known = await api.access.list({ clusterId: id });
    const revoked: IssuedAccess[] = [];
    for (const wanted of ids) revoked.push(await api.access.revoke({ id: find(known, wanted).id }));
    print(call, revoked);
    return revoked.some(({ refused }) => refused === false) ? 1 : 0;
  });
}

function find(known: readonly IssuedAccess[], wanted: string): IssuedAccess {
  const found = known.filter(({ id }) => id.startsWith(wanted));
  const [one] = found;
  if (one === undefined || found.length > 1)
    throw new AppError('NOT_FOUND', `${found.length} issued kubeconfigs begin with "${wanted}"`, {
      params: { id: wanted },
    });
  return one;
}

function print(call: Call, rows: readonly IssuedAccess[]): void {
  call.out.table(rows, [
    { title: 'ID', cell: (r) => r.id.slice(0, 8) },
    { title: 'FOR', cell: (r) => r.subject },
    { title: 'RIGHT', cell: (r) => (r.right.kind === 'readOnly' ? 'read-only' : r.right.name) },
    { title: 'NAMESPACES', cell: (r) => (r.namespaces.length === 0 ? '*' : r.namespaces.join(',')) },
    { title: 'STATE', cell: stateOf },
    { title: 'EXPIRES', cell: (r) => r.expiresAt },
    { title: 'FILE', cell: (r) => r.path },
  ]);
}

function stateOf({ revokedAt, refused, expiresAt }: IssuedAccess): string {
  if (revokedAt !== null) return refused === false ? 'revoked, still let in' : 'revoked';
  return Date.parse(expiresAt) < Date.now() ? 'expired' : 'valid';
}

/** `90m`, `8h`, `30d`. */
function secondsOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const match = /^(\d+)([mhd])$/.exec(text);
  const unit = { m: 60, h: 3600, d: 86_400 }[match?.[2] ?? ''];
  if (match === null || unit === undefined) throw new UsageError(`--expires ${text}: write 90m, 8h or 30d`);
  return Number(match[1]) * unit;
}

/** The log outlives the registration: a name that is no cluster's any more is looked for in it. */
export async function operations(call: Call, name: string | undefined): Promise<number> {
  return await withEngine(call, async (api: Api) => {
    const all = await api.clusters.operations({});
    const rows = name === undefined ? all : all.filter(({ clusterName }) => clusterName === name);
    if (name !== undefined && rows.length === 0) byName(await api.clusters.list(), name);
    call.out.table(rows, [
      { title: 'STARTED', cell: (r) => r.startedAt },
      { title: 'CLUSTER', cell: (r) => r.clusterName },
      { title: 'OPERATION', cell: (r) => r.kind },
      { title: 'RESULT', cell: (r) => r.result },
      { title: 'DETAIL', cell: (r) => r.error?.message ?? r.steps.at(-1)?.message ?? null },
    ]);
    return 0;
  });
}
