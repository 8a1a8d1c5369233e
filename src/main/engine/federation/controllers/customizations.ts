/** Follows ResourceInterpreterCustomizations: what they change about a kind is looked at again everywhere. */
import { createInformer } from '../../kube/index.ts';
import { INTERPRETER_CUSTOMIZATIONS, type ResourceInterpreterCustomization } from '../api.ts';
import type { Customizations } from '../interpreter/index.ts';
import type { Controller, FederationContext } from './context.ts';

export interface CustomizationsController extends Controller {
  /** Resolves when those of the start are in force: nothing may be read by the wrong rules in between. */
  ready: Promise<void>;
  /** From now on told of every kind that is read differently. */
  subscribe(listener: (target: { apiVersion: string; kind: string }) => void): void;
}

export function followCustomizations(
  { client }: Pick<FederationContext, 'client'>,
  customizations: Customizations,
): CustomizationsController {
  const informer = createInformer<ResourceInterpreterCustomization>({ client, resource: INTERPRETER_CUSTOMIZATIONS });
  const listeners: ((target: { apiVersion: string; kind: string }) => void)[] = [];
  const apply = (): void => {
    for (const target of customizations.set([...informer.items.values()]))
      for (const listener of listeners) listener(target);
  };
  const ready = informer.synced.then(() => {
    apply();
    informer.subscribe({ onAdd: apply, onUpdate: apply, onDelete: apply });
  });
  return {
    ready,
    subscribe: (listener) => void listeners.push(listener),
    stop: async () => informer.stop(),
  };
}
