/**
 * `fleetdeck federations promote | release`: what members run, taken under their federation, and let go again. The
 * arguments are karmadactl's, and so is what comes of them.
 */
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import type { PromotionPlan } from '#shared/contract/federation-promotion.ts';
import type { Federation } from '#shared/contract/federations.ts';
import { AppError, type AppErrorShape } from '#shared/errors.ts';
import { errorText } from '#shared/i18n/index.ts';
import type { Engine } from '../../engine/types.ts';
import { type Api, apiOf, firstOf } from '../../host/api.ts';
import { withEngine } from '../api.ts';
import { type Call, UsageError } from '../command.ts';

const WAIT_MS = 30_000;

export async function promoteCommand(call: Call): Promise<number> {
  const { options, out } = call;
  const clusters = options.list('cluster');
  if (clusters.length === 0) throw new UsageError('federations promote: --cluster is missing');
  return await withEngine(call, async (api, engine) => {
    const { federation, object } = await subject(call, api, engine);
    await untilReady(engine, federation.id, clusters);
    const policyName = options.text('policy-name');
    const wish = {
      id: federation.id,
      items: [{ object, clusters }],
      dependencies: options.flag('dependencies'),
      differences: options.flag('unify') ? ('unify' as const) : ('keep' as const),
      ...(policyName === undefined ? {} : { policyName }),
    };
    if (options.flag('dry-run')) {
      const [plan] = await api.promotion.plan(wish);
      return show(call, plan as PromotionPlan);
    }
    const [done] = await api.promotion.promote(wish);
    if (done === undefined) return 1;
    if (done.error === null) await untilAdopted(engine, federation.id, object, clusters);
    if (call.json) out.document(done);
    else if (done.error !== null) tell(call, done.error);
    else
      for (const { kind, namespace, name } of done.created)
        out.line(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`);
    return done.error === null ? 0 : 1;
  });
}

export async function releaseCommand(call: Call): Promise<number> {
  return await withEngine(call, async (api, engine) => {
    const { federation, object } = await subject(call, api, engine);
    const released = await api.promotion.release({ id: federation.id, object });
    if (call.json) call.out.document(released);
    else
      for (const { kind, namespace, name } of released.removed)
        call.out.line(`${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`);
    if (released.waiting.length === 0) return 0;
    call.out.note(call.out.text('promotion.releaseWaiting', { name: object.name, names: released.waiting.join(', ') }));
    return 1;
  });
}

async function subject(
  call: Call,
  api: Api,
  engine: Engine,
): Promise<{ federation: Federation; object: FederatedObjectName }> {
  const [action, federationName, kind, name, ...more] = call.args;
  if (federationName === undefined || kind === undefined || name === undefined || more.length > 0)
    throw new UsageError(`federations ${action} takes a federation, a kind and a name`);
  await engine.ready;
  const federation = (await api.federations.list()).find((each) => each.name === federationName);
  if (federation === undefined)
    throw new AppError('NOT_FOUND', `no federation "${federationName}"`, { params: { name: federationName } });
  const [wanted = '', ...group] = kind.toLowerCase().split('.');
  const kinds = await api.resources.kinds({ target: { kind: 'federation', id: federation.id } });
  const found = kinds.find(
    (each) =>
      [each.resource, each.kind.toLowerCase()].includes(wanted) &&
      (group.length === 0 || each.group === group.join('.')),
  );
  if (found === undefined)
    throw new AppError('NOT_FOUND', `the federation has no kind "${kind}"`, { params: { name: kind } });
  const namespace = found.namespaced ? (call.options.text('namespace') ?? 'default') : '';
  const apiVersion = found.group === '' ? found.version : `${found.group}/${found.version}`;
  return { federation, object: { apiVersion, kind: found.kind, namespace, name } };
}

async function untilReady(engine: Engine, id: string, clusters: readonly string[]): Promise<void> {
  await firstOf(
    engine,
    (api) => api.federations.watch(),
    (list) => {
      const members = list.find((each) => each.id === id)?.members ?? [];
      return clusters.every((name) => members.find((member) => member.name === name)?.ready !== false);
    },
    WAIT_MS,
    () => [],
  );
}

async function untilAdopted(
  engine: Engine,
  id: string,
  object: FederatedObjectName,
  clusters: readonly string[],
): Promise<void> {
  await firstOf(
    engine,
    (api) => api.federations.workloads({ id }),
    (rows) => {
      const row = rows.find((each) => isSame(each, object));
      return clusters.every((name) => row?.clusters.find((share) => share.name === name)?.applied === true);
    },
    WAIT_MS,
    () =>
      apiOf(engine)
        .federations.list()
        .then(() => []),
  );
}

function isSame(row: FederatedObjectName, object: FederatedObjectName): boolean {
  return row.kind === object.kind && row.namespace === object.namespace && row.name === object.name;
}

function show(call: Call, plan: PromotionPlan): number {
  const { out } = call;
  const failed = plan.problems.length > 0;
  if (call.json) {
    out.document(plan);
    return failed ? 1 : 0;
  }
  for (const problem of plan.problems) tell(call, problem);
  for (const warning of plan.warnings) tell(call, warning);
  for (const [object, clusters] of [
    [plan.object, plan.clusters] as const,
    ...plan.dependencies.map(({ object: follower, clusters: places }) => [follower, places] as const),
  ])
    for (const { cluster, what, fields, restarts } of clusters) {
      const effect = out.text(`promotion.what.${what}`);
      const more = [...(restarts ? [out.text('promotion.restarts')] : []), ...fields];
      out.line(
        `# ${cluster}: ${object.kind} ${object.name}: ${effect}${more.length === 0 ? '' : ` (${more.join(', ')})`}`,
      );
    }
  for (const object of plan.objects.filter(({ exists }) => !exists)) out.line(`---\n${object.yaml.trimEnd()}`);
  return failed ? 1 : 0;
}

/** A problem on standard error: what it is, what to do, and what it is about. */
export function tell({ out, language }: Call, error: AppErrorShape): void {
  const { title, hint, detail } = errorText(language, error);
  out.note(`${title} ${hint} (${detail})`);
}
