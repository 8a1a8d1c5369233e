/** `fleetdeck federations add | take-over | move | take-back`: control planes that others run, members that others manage. */
import { readFile } from 'node:fs/promises';
import type { Federation } from '#shared/contract/federations.ts';
import { AppError } from '#shared/errors.ts';
import type { Engine } from '../../engine/types.ts';
import { type Api, firstOf } from '../../host/api.ts';
import { withEngine } from '../api.ts';
import { type Call, UsageError } from '../command.ts';

/** A move checks every workload in every member. */
const MOVE_LIMIT_MS = 30 * 60_000;

export function stateOf({ state, reason, move }: Federation): string {
  if (move !== null) return `moving to ${move.to} (${move.step}${move.error === null ? '' : `, ${move.error.code}`})`;
  return reason === null ? state : `${state} (${reason.code})`;
}

export function memberText({ name, ready, manager }: Federation['members'][number]): string {
  if (manager !== null) return `${name} (managed by ${manager.kind === 'karmada' ? 'Karmada' : manager.federation})`;
  return ready ? name : `${name} (not ready)`;
}

export async function addCommand(call: Call): Promise<number> {
  const name = needed(call.args[1], 'NAME');
  const source = await sourceOf(call);
  if (source === undefined) throw new UsageError('federations add needs --kubeconfig FILE');
  const made = await withEngine(call, (api) => api.federations.createExternal({ name, ...source }));
  call.out.table(
    [made],
    [
      { title: 'NAME', cell: (r) => r.name },
      { title: 'SERVER', cell: (r) => r.server },
      { title: 'KARMADA', cell: (r) => r.external?.karmada ?? '' },
      { title: 'MEMBERS', cell: (r) => r.members.map(memberText).join(',') },
    ],
  );
  return 0;
}

export async function takeOverCommand(call: Call): Promise<number> {
  const name = needed(call.args[1], 'FEDERATION');
  const cluster = needed(call.args[2], 'CLUSTER');
  await withEngine(call, async (api, engine) => {
    await engine.ready;
    const { id } = await byName(api, name);
    await api.federations.takeOver({ id, cluster });
  });
  return 0;
}

export async function moveCommand(call: Call): Promise<number> {
  const name = needed(call.args[1], 'FEDERATION');
  const target = await sourceOf(call);
  return await withEngine(call, async (api, engine) => {
    await engine.ready;
    const federation = await byName(api, name);
    const to = federation.move?.to ?? (federation.engine === 'embedded' ? 'external' : 'embedded');
    if (to === 'external' && federation.move === null && target === undefined)
      throw new UsageError('a move to a Karmada control plane needs --kubeconfig FILE');
    const input = { id: federation.id, to, ...(target === undefined ? {} : { target }) };
    if (call.options.flag('dry-run')) {
      const plan = await api.federations.planMove(input);
      call.out.table(plan.objects, [
        { title: 'ACTION', cell: (r) => r.action },
        { title: 'KIND', cell: (r) => r.kind },
        { title: 'NAMESPACE', cell: (r) => r.namespace },
        { title: 'NAME', cell: (r) => r.name },
        { title: 'REASON', cell: (r) => r.error?.message ?? '' },
      ]);
      return plan.blocked.length > 0 ? 1 : 0;
    }
    await api.federations.move(input);
    const { move: left } = await ended(engine, federation.id);
    if (left?.error != null) throw new AppError(left.error.code, `${left.step}: ${left.error.message}`);
    return 0;
  });
}

async function ended(engine: Engine, id: string): Promise<Federation> {
  const of = (found: Federation[]): Federation | undefined => found.find((one) => one.id === id);
  const found = await firstOf(
    engine,
    (api) => api.federations.watch(),
    (all) => of(all)?.move?.running !== true,
    MOVE_LIMIT_MS,
    (api) => api.federations.list(),
  );
  const federation = of(found);
  if (federation === undefined) throw new AppError('NOT_FOUND', 'the federation is gone');
  return federation;
}

export async function takeBackCommand(call: Call): Promise<number> {
  const name = needed(call.args[1], 'FEDERATION');
  await withEngine(call, async (api, engine) => {
    await engine.ready;
    const { id } = await byName(api, name);
    await api.federations.takeBackMove({ id });
  });
  return 0;
}

async function sourceOf(call: Call): Promise<{ kubeconfig: string; context?: string } | undefined> {
  const file = call.options.text('kubeconfig');
  if (file === undefined) return undefined;
  const context = call.options.text('context');
  return { kubeconfig: await readText(file), ...(context === undefined ? {} : { context }) };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new AppError('KUBECONFIG_UNREADABLE', String((error as Error).message), { params: { path: file } });
  }
}

async function byName(api: Api, name: string): Promise<Federation> {
  const found = (await api.federations.list()).find((federation) => federation.name === name);
  if (found === undefined) throw new AppError('NOT_FOUND', `no federation "${name}"`, { params: { name } });
  return found;
}

function needed(value: string | undefined, what: string): string {
  if (value === undefined) throw new UsageError(`${what} is missing`);
  return value;
}
