/**
 * A control plane that others run, as the console needs it: the same caches as an embedded one has, and no controllers.
 * It never writes.
 */
import type { KubeClient } from '../../kube/index.ts';
import type { Log } from '../../types.ts';
import { createCache } from '../controllers/cache.ts';
import type { Controller } from '../controllers/context.ts';
import type { ControlPlane } from '../controllers/control-plane.ts';
import { followCustomizations } from '../controllers/customizations.ts';
import { watchTemplates } from '../controllers/templates.ts';
import { DEFAULT_FAILOVER } from '../failover/settings.ts';
import type { Customizations } from '../interpreter/index.ts';

export interface ObserverOptions {
  client: KubeClient;
  customizations: Customizations;
  log: Log;
}

/** Resolves when the caches are filled. */
export async function observeControlPlane({ client, customizations, log }: ObserverOptions): Promise<ControlPlane> {
  const cache = createCache(client);
  const running: Controller[] = [];
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((one) => one.stop()));
    cache.stop();
  };
  try {
    await cache.synced;
    const following = followCustomizations({ client }, customizations);
    running.push(following);
    await following.ready;
    const templates = watchTemplates({ client, log });
    running.push(templates);
    await templates.ready;
    return {
      cache,
      templates,
      interpreter: customizations,
      management: null,
      quotas: null,
      // Its own flags decide, which nobody can see: no tolerations are assumed that it may not add.
      failover: { ...DEFAULT_FAILOVER, enabled: false },
      setMembers() {},
      refresh() {},
      setFailover() {},
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
