/**
 * Checks that do more than read the API: each is off until a person chooses it, says first what it does and which rights
 * it takes, and brings facts that the ordinary judgement weighs with the others.
 */
import type { DiagnosisTarget, FurtherOption } from '#shared/contract/diagnosis.ts';
import type { FurtherCheck } from '#shared/diagnosis.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { KubeClient } from '../../kube/index.ts';
import type { World } from '../world.ts';
import { askKubelet } from './kubelet.ts';
import { lookAtMachine, MACHINE_NAMESPACE } from './machine.ts';
import { reach } from './reach.ts';

interface Right {
  verb: string;
  resource: string;
  subresource?: string;
  namespace?: string;
}

function rightsOf(check: FurtherCheck, { kind, namespace }: Pick<DiagnosisTarget, 'kind' | 'namespace'>): Right[] {
  switch (check) {
    case 'reach': {
      const get = (resource: string): Right => ({ verb: 'get', resource, subresource: 'proxy', namespace });
      return [
        ...(kind === 'Service' || kind === 'Ingress' ? [get('services')] : []),
        ...(kind === 'Ingress' ? [] : [get('pods')]),
      ];
    }
    case 'kubelet':
      return [{ verb: 'get', resource: 'nodes', subresource: 'proxy' }];
    case 'machine':
      return [
        ...['create', 'get', 'list', 'delete'].map((verb) => ({
          verb,
          resource: 'pods',
          namespace: MACHINE_NAMESPACE,
        })),
        { verb: 'get', resource: 'pods', subresource: 'log', namespace: MACHINE_NAMESPACE },
      ];
  }
}

/** What can be chosen for an object, and the rights that these credentials lack for it. */
export async function furtherOptions(
  client: KubeClient,
  target: Pick<DiagnosisTarget, 'kind' | 'namespace'>,
  checks: readonly FurtherCheck[],
  signal?: AbortSignal,
): Promise<FurtherOption[]> {
  return await Promise.all(
    checks.map(async (check) => {
      const asked = await Promise.all(
        rightsOf(check, target).map(async (right) => ((await isAllowed(client, right, signal)) ? [] : [textOf(right)])),
      );
      return { check, missing: asked.flat() };
    }),
  );
}

async function isAllowed(client: KubeClient, right: Right, signal: AbortSignal | undefined): Promise<boolean> {
  const review = await client.create(
    { group: 'authorization.k8s.io', version: 'v1', resource: 'selfsubjectaccessreviews' },
    {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SelfSubjectAccessReview',
      metadata: {},
      spec: { resourceAttributes: { group: '', ...right } },
    },
    signal === undefined ? {} : { signal },
  );
  return review.status?.allowed === true;
}

function textOf({ verb, resource, subresource, namespace }: Right): string {
  const what = subresource === undefined ? resource : `${resource}/${subresource}`;
  return namespace === undefined || namespace === '' ? `${verb} ${what}` : `${verb} ${what} (${namespace})`;
}

export interface FurtherOptions {
  client: KubeClient;
  /** For the pod that looks at a machine. */
  image?: string | undefined;
  signal?: AbortSignal | undefined;
}

/** Facts of one check about the object. @throws when it may not be made, or nothing comes back. */
export async function further(
  check: FurtherCheck,
  object: KubeObject,
  world: World,
  options: FurtherOptions,
): Promise<KubeObject[]> {
  const node = object.kind === 'Node' ? (object.metadata.name ?? '') : String(object.spec?.nodeName ?? '');
  switch (check) {
    case 'reach':
      return await reach(object, world, options);
    case 'kubelet':
      return node === '' ? [] : [await askKubelet(node, options)];
    case 'machine':
      return [await lookAtMachine(node, options)];
  }
}
