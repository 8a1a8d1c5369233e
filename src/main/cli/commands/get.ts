/** `fleetdeck get KIND`: objects of a kind from several clusters, or from a federation, in one table. */

import type { Freshness, Target, ViewEvent } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import { errorText } from '#shared/i18n/index.ts';
import type { Engine } from '../../engine/types.ts';
import { type Api, apiOf } from '../../host/api.ts';
import { byName, settledClusters, withEngine } from '../api.ts';
import { type Call, type Command, UsageError } from '../command.ts';
import { dataOption } from '../options.ts';

/** How long to wait for clusters that do not answer. */
const WAIT_MS = 15_000;

export const get: Command = {
  usage: 'get KIND [--cluster NAME ...] [--federation NAME] [--namespace NS] [--limit N]',
  options: {
    data: dataOption,
    cluster: { type: 'string', multiple: true, value: 'NAME', text: 'host.cli.option.cluster' },
    federation: { type: 'string', value: 'NAME', text: 'host.cli.option.federation' },
    namespace: { type: 'string', value: 'NS', text: 'host.cli.option.namespace' },
    limit: { type: 'string', value: 'N', text: 'host.cli.option.limit' },
  },
  async run(call) {
    const [kind, ...more] = call.args;
    if (kind === undefined || more.length > 0) throw new UsageError('get takes one kind: deployments, pods, nodes ...');
    return await withEngine(call, async (api, engine) => {
      const targets = await chooseTargets(call, api, engine);
      const first = targets[0]?.target;
      if (first === undefined) {
        call.out.table([], []);
        return 0;
      }
      const names = new Map(targets.map(({ target, name }) => [`${target.kind}/${target.id}`, name]));
      const view = await readView(engine, {
        targets: targets.map(({ target }) => target),
        resource: await findKind(api, first, kind),
        namespaces: call.options.text('namespace') === undefined ? [] : [call.options.text('namespace') as string],
        limit: call.options.number('limit', { min: 1, max: 500 }) ?? 500,
      });
      return print(call, view, (target) => names.get(`${target.kind}/${target.id}`) ?? target.id);
    });
  },
};

type Snapshot = Extract<ViewEvent, { type: 'reset' }>;

async function chooseTargets(call: Call, api: Api, engine: Engine): Promise<{ target: Target; name: string }[]> {
  const federation = call.options.text('federation');
  if (federation !== undefined) {
    await engine.ready;
    const found = (await api.federations.list()).find((candidate) => candidate.name === federation);
    if (found === undefined) throw new AppError('NOT_FOUND', `no federation "${federation}"`);
    return [{ target: { kind: 'federation', id: found.id }, name: found.name }];
  }
  const list = await settledClusters(engine);
  const wanted = call.options.list('cluster');
  const chosen = wanted.length === 0 ? list : wanted.map((name) => byName(list, name));
  return chosen.map(({ id, name }) => ({ target: { kind: 'cluster', id }, name }));
}

async function findKind(
  api: Api,
  target: Target,
  wanted: string,
): Promise<{ group: string; version: string; resource: string }> {
  const [name = '', ...group] = wanted.toLowerCase().split('.');
  const kinds = await api.resources.kinds({ target });
  const found = kinds.find(
    (kind) =>
      [kind.resource, kind.kind.toLowerCase()].includes(name) && (group.length === 0 || kind.group === group.join('.')),
  );
  if (found === undefined) throw new AppError('NOT_FOUND', `the server has no kind "${wanted}"`);
  return { group: found.group, version: found.version, resource: found.resource };
}

/** The view once every target has answered or failed. Deltas are applied as the interface does. */
async function readView(engine: Engine, query: Parameters<Api['views']['open']>[0]['query']): Promise<Snapshot> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), WAIT_MS);
  let snapshot: Snapshot | null = null;
  try {
    const viewId = `cli-${process.pid}-${Date.now()}`;
    for await (const event of await apiOf(engine, abort.signal).views.open({ viewId, query })) {
      snapshot = event.type === 'reset' ? event : merge(snapshot, event);
      if (snapshot?.freshness.every(isSettled)) break;
    }
  } catch (error) {
    if (!abort.signal.aborted) throw error;
  } finally {
    clearTimeout(timer);
    abort.abort();
  }
  if (snapshot === null) throw new AppError('CLUSTER_TIMEOUT', `no answer within ${WAIT_MS / 1000} s`);
  return snapshot;
}

function merge(before: Snapshot | null, delta: Extract<ViewEvent, { type: 'delta' }>): Snapshot | null {
  if (before === null) return null;
  const rows = new Map([...before.rows, ...delta.rows].map((row) => [row.key, row]));
  return {
    ...before,
    total: delta.total,
    rows: delta.order.flatMap((key) => rows.get(key) ?? []),
    freshness: delta.freshness ?? before.freshness,
  };
}

function isSettled({ state }: Freshness): boolean {
  return state !== 'connecting' && state !== 'catchingUp';
}

/** Exit code 1 when a target could not be read: what is shown is not everything then. */
function print(call: Call, view: Snapshot, nameOf: (target: Target) => string): number {
  const failed = view.freshness.filter(({ state }) => state !== 'live');
  if (call.json) {
    call.out.document({
      columns: view.columns.map((column) => column.id),
      items: view.rows.map((row) => ({
        target: nameOf(row.target),
        namespace: row.namespace,
        name: row.name,
        cells: Object.fromEntries(view.columns.map((column, index) => [column.id, row.cells[index] ?? null])),
      })),
      total: view.total,
      failed: failed.map(({ target, state, reason }) => ({ target: nameOf(target), state, reason })),
    });
  } else {
    const shown = view.columns.map((column, index) => ({ ...column, index })).filter(({ priority }) => priority === 0);
    call.out.table(view.rows, [
      { title: 'TARGET', cell: (row) => nameOf(row.target) },
      ...shown.map(({ title, index }) => ({
        title: title.toUpperCase(),
        cell: (row: Snapshot['rows'][number]) => row.cells[index],
      })),
    ]);
    for (const { target, state, reason } of failed) {
      const why = reason === null ? state : errorText(call.language, reason).title;
      call.out.note(`${nameOf(target)}: ${why}`);
    }
  }
  return failed.length === 0 ? 0 : 1;
}
