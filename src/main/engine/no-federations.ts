/** Stands in where the engine runs without control planes: there are none, and none can be made. */
import type { FederationsService } from '#shared/contract/federations.ts';
import { AppError } from '#shared/errors.ts';
import type { FederationMembership } from './fleets/index.ts';
import type { KubeClient } from './kube/index.ts';

export interface FederationsArea extends FederationsService, FederationMembership {
  client(id: string): KubeClient;
  start(): void | Promise<void>;
  close(): Promise<void>;
}

export function noFederations(): FederationsArea {
  const refuse = (): never => {
    throw new AppError('UNSUPPORTED', 'this engine runs without federations');
  };
  return {
    list: () => [],
    async *watch(signal) {
      yield [];
      await new Promise<void>((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true }));
    },
    create: async () => refuse(),
    update: async () => refuse(),
    remove: async () => refuse(),
    join: async () => refuse(),
    leave: async () => refuse(),
    workloads: () => refuse(),
    preview: async () => refuse(),
    distribute: async () => refuse(),
    fleetChanged: async () => {},
    client: () => refuse(),
    start() {},
    close: async () => {},
  };
}
