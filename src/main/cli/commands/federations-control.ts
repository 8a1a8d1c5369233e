/** `fleetdeck federations add | take-over | move | take-back`: control planes that others run, members that others manage. */
import { readFile } from 'node:fs/promises';
import type { MovePlan } from '#shared/contract/federation-control.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { AppError } from '#shared/errors.ts';
import type { Engine } from '../../engine/types.ts';
import { type Api, firstOf } from '../../host/api.ts';
import { withEngine } from '../api.ts';
import { type Call, UsageError } from '../command.ts';
import { tell } from './federations-promote.ts';

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
  const [name] = subjects(call, 'NAME');
  const source = await sourceOf(call);
  if (source === undefined) throw new UsageError('federations add needs --kubeconfig FILE');
  const made = await withEngine(call, async (api, engine) => {
    await engine.ready;
    return await api.federations.createExternal({ name, ...source });
  });
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
  const [name, cluster] = subjects(call, 'FEDERATION', 'CLUSTER');
  await withEngine(call, async (api, engine) => {
    await engine.ready;
    const { id } = await byName(api, name);
    await api.federations.takeOver({ id, cluster });
    said(call, await byName(api, name), call.out.text('host.cli.takenOver', { cluster, federation: name }));
  });
  return 0;
}

export async function moveCommand(call: Call): Promise<number> {
  const [name] = subjects(call, 'FEDERATION');
  const target = await sourceOf(call);
  return await withEngine(call, async (api, engine) => {
    await engine.ready;
    const federation = await byName(api, name);
    const to = federation.move?.to ?? (federation.engine === 'embedded' ? 'external' : 'embedded');
    if (to === 'external' && federation.move === null && target === undefined)
      throw new UsageError('a move to a Karmada control plane needs --kubeconfig FILE');
    if (to === 'embedded' && target !== undefined)
      throw new UsageError(`${name} moves to this workstation, which takes no --kubeconfig`);
    const input = { id: federation.id, to, ...(target === undefined ? {} : { target }) };
    if (call.options.flag('dry-run')) return showPlan(call, await api.federations.planMove(input));
    await api.federations.move(input);
    const moved = await ended(call, engine, federation.id);
    const left = moved.move?.error;
    if (left != null) throw new AppError(left.code, `${moved.move?.step}: ${left.message}`);
    said(call, moved, call.out.text('host.cli.moved', { name, server: moved.server ?? '' }));
    return 0;
  });
}

function showPlan(call: Call, plan: MovePlan): number {
  const { out } = call;
  if (call.json) out.document(plan);
  else {
    out.table(plan.objects, [
      { title: 'ACTION', cell: (r) => r.action },
      { title: 'KIND', cell: (r) => r.kind },
      { title: 'NAMESPACE', cell: (r) => r.namespace },
      { title: 'NAME', cell: (r) => r.name },
      { title: 'REASON', cell: (r) => r.error?.message ?? '' },
    ]);
    for (const { name, state } of plan.members)
      out.line(`# ${out.text('control.move.members')}: ${name}: ${out.text(`control.move.memberStates.${state}`)}`);
    for (const problem of [...plan.blocked, ...plan.warnings]) tell(call, problem);
  }
  return plan.blocked.length > 0 ? 1 : 0;
}

/** The federation once its move has ended in any way; its steps are told on the way. */
async function ended({ out }: Call, engine: Engine, id: string): Promise<Federation> {
  const of = (found: Federation[]): Federation | undefined => found.find((one) => one.id === id);
  let told: string | undefined;
  const found = await firstOf(
    engine,
    (api) => api.federations.watch(),
    (all) => {
      const move = of(all)?.move;
      if (move?.running === true && move.step !== told) out.note(out.text(`control.move.steps.${move.step}`));
      told = move?.step;
      return move?.running !== true;
    },
    MOVE_LIMIT_MS,
    (api) => api.federations.list(),
  );
  const federation = of(found);
  if (federation === undefined) throw new AppError('NOT_FOUND', 'the federation is gone');
  return federation;
}

export async function takeBackCommand(call: Call): Promise<number> {
  const [name] = subjects(call, 'FEDERATION');
  await withEngine(call, async (api, engine) => {
    await engine.ready;
    const { id } = await byName(api, name);
    const changed = await api.federations.takeBackMove({ id });
    said(call, changed, call.out.text('host.cli.movedBack', { name }));
  });
  return 0;
}

/** What has become of the federation: whole for a program, in a sentence for a person. */
function said(call: Call, federation: Federation, sentence: string): void {
  if (call.json) call.out.document(federation);
  else call.out.line(sentence);
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

/** The arguments after the action, which are as many as `names`. */
function subjects<Names extends string[]>({ args }: Call, ...names: Names): { [K in keyof Names]: string } {
  const [action, ...given] = args;
  const missing = names[given.length];
  if (missing !== undefined) throw new UsageError(`federations ${action}: ${missing} is missing`);
  if (given.length > names.length)
    throw new UsageError(`federations ${action}: "${given[names.length]}" is one argument too many`);
  return given as { [K in keyof Names]: string };
}
