/** Does what a plan says, each item whole or not at all. Until its policy is written nothing happens in a member. */
import type { Promoted } from '#shared/contract/federation-promotion.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isAlreadyExists } from '../../kube/index.ts';
import { ensure, remove } from '../controllers/write.ts';
import type { Running } from '../service/running.ts';
import { type Prepared, prepare } from './plan.ts';
import { nameOf, type PromotionWish, type Step } from './steps.ts';

export async function promote(running: Running, wish: PromotionWish): Promise<Promoted[]> {
  const results: Promoted[] = [];
  /** What a failed item would have brought along: the next one that needs it brings it. */
  let left: Step[] = [];
  for (const prepared of await prepare(running, wish)) {
    const taken = left.filter((step) => prepared.plan.dependencies.some(({ object }) => step.for === nameOf(object)));
    const namespaces = prepared.steps.filter(({ role }) => role === 'namespace');
    const own = prepared.steps.filter(({ role }) => role !== 'namespace');
    const result = await promoteOne(running, { ...prepared, steps: [...namespaces, ...taken, ...own] });
    results.push(result);
    if (result.error === null) left = left.filter((step) => !taken.includes(step));
    else left.push(...prepared.steps.filter((step) => step.for !== undefined && !step.exists));
  }
  return results;
}

async function promoteOne({ client }: Running, { object, steps, plan }: Prepared): Promise<Promoted> {
  const [problem] = plan.problems;
  if (problem !== undefined) return { object, created: [], error: problem };
  const done: [Step, KubeObject][] = [];
  try {
    for (const step of steps) {
      if (step.exists) continue;
      // A namespace belongs to everybody: it may be there by now, and it stays when the rest is taken back.
      if (step.role === 'namespace') await ensure(client, step.ref, step.object);
      else done.push([step, await client.create(step.ref, step.object, namespaceOf(step.object))]);
    }
  } catch (error) {
    for (const [step, { metadata }] of done.reverse())
      await remove(client, step.ref, { ...namespaceOf(step.object), name: metadata.name ?? '', uid: metadata.uid });
    const taken = isAlreadyExists(error) ? new AppError('NAME_TAKEN', (error as Error).message) : error;
    return { object, created: [], error: toErrorShape(taken) };
  }
  const created = steps
    .filter(({ exists }) => !exists)
    .map(({ role, object: { kind, metadata } }) => ({
      role,
      kind,
      namespace: metadata.namespace ?? '',
      name: metadata.name ?? '',
    }));
  return { object, created, error: null };
}

function namespaceOf({ metadata }: KubeObject): { namespace?: string } {
  return metadata.namespace ? { namespace: metadata.namespace } : {};
}
