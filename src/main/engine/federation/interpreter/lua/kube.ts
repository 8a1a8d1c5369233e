/** The library `kube` that scripts find: what Karmada's interpreter gives them. Pure. */
import type { Json } from '#shared/kubernetes/types.ts';
import { addQuantities, milliValue } from '../../quantity.ts';
import { podDependencies } from '../dependencies.ts';
import { requirementsOf } from '../requests.ts';
import { withoutNulls } from './values.ts';

export const kube = {
  /** Sum of quantities, as text. */
  resourceAdd: (...quantities: Json[]): string =>
    String(
      quantities
        .filter((quantity) => quantity !== null && quantity !== undefined)
        .reduce((sum: string | number, quantity) => addQuantities(sum, quantity), '0'),
    ),
  /** What a pod of the given template asks for. */
  accuratePodRequirements: (template: Json): Json => withoutNulls(requirementsOf(template?.spec) ?? {}),
  /** Objects that a pod of the given template cannot run without. */
  getPodDependencies: (template: Json, namespace: Json): Json =>
    podDependencies(template?.spec ?? {}, String(namespace ?? ''), new Set()),
  /** A quantity as a number. */
  getResourceQuantity: (quantity: Json): number => milliValue(quantity) / 1000,
};
