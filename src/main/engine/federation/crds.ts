/** CustomResourceDefinitions of a federation's API server. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import apps from '../../../../resources/crds/apps.karmada.io.json' with { type: 'json' };
import autoscaling from '../../../../resources/crds/autoscaling.karmada.io.json' with { type: 'json' };
import cluster from '../../../../resources/crds/cluster.karmada.io.json' with { type: 'json' };
import config from '../../../../resources/crds/config.karmada.io.json' with { type: 'json' };
import multicluster from '../../../../resources/crds/multicluster.x-k8s.io.json' with { type: 'json' };
import networking from '../../../../resources/crds/networking.karmada.io.json' with { type: 'json' };
import policy from '../../../../resources/crds/policy.karmada.io.json' with { type: 'json' };
import remedy from '../../../../resources/crds/remedy.karmada.io.json' with { type: 'json' };
import work from '../../../../resources/crds/work.karmada.io.json' with { type: 'json' };

export const FEDERATION_CRDS: KubeObject[] = [
  cluster,
  policy,
  work,
  apps,
  autoscaling,
  config,
  multicluster,
  networking,
  remedy,
].flatMap((list) => list.items as KubeObject[]);
