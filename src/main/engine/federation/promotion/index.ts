/** The promotion service: what members run, what taking it over would do, doing it, and letting go again. */
import type { PromotionService } from '#shared/contract/federation-promotion.ts';
import { AppError } from '#shared/errors.ts';
import type { FederationAccess } from '../service/running.ts';
import { candidatesOf } from './candidates.ts';
import { prepare } from './plan.ts';
import { promote } from './promote.ts';
import { release } from './release.ts';

export function createPromotion({ running }: FederationAccess): PromotionService {
  return {
    candidates: async ({ id, category }) => await candidatesOf(running(id), category),
    async plan(input) {
      refuseOneNameForMany(input);
      return (await prepare(running(input.id), input)).map(({ plan }) => plan);
    },
    async promote(input) {
      refuseOneNameForMany(input);
      return await promote(running(input.id), input);
    },
    release: async ({ id, object }) => await release(running(id), object),
  };
}

function refuseOneNameForMany({
  items,
  policyName,
}: {
  items: readonly unknown[];
  policyName?: string | undefined;
}): void {
  if (policyName !== undefined && items.length > 1)
    throw new AppError('INVALID', 'a policy can be given a name only when one object is promoted');
}
