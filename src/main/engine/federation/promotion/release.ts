/**
 * The way back from a promotion: the workload leaves the federation and its copies go on running. The order makes it
 * safe: nothing is deleted before every Work says that its object stays, and it is over when the copies bear no marks.
 */
import type { FederatedObjectName } from '#shared/contract/federation-decisions.ts';
import { AppError } from '#shared/errors.ts';
import { type KubeObject, objectKey } from '#shared/kubernetes/types.ts';
import type { Binding, PropagationPolicy, ResourceSelector, Work } from '../api.ts';
import { bindingKeyOf } from '../controllers/binding-build.ts';
import { bindingId, policyIdOf } from '../controllers/cache.ts';
import { claimedBy } from '../controllers/claim.ts';
import { isReady } from '../controllers/execution.ts';
import { targetsOf } from '../controllers/works.ts';
import { mutate, remove } from '../controllers/write.ts';
import { clusterOfExecutionNamespace } from '../naming.ts';
import type { Running } from '../service/running.ts';
import { overrideRefOf, policyRefOf } from './steps.ts';

const LOOK_MS = 50;
const PATIENCE_MS = 20_000;

interface Removed {
  kind: string;
  namespace: string;
  name: string;
}

/** `waiting`: members that went away meanwhile; they take the marks off when they are back. */
export async function release(
  running: Running,
  named: FederatedObjectName,
): Promise<{ removed: Removed[]; waiting: string[] }> {
  const { plane, client } = running;
  const template = plane.templates.get(named.apiVersion, named.kind, named.namespace || undefined, named.name);
  if (template === undefined)
    throw new AppError('NOT_FOUND', `no ${named.kind} ${named.name} in the federation`, { params: { id: named.name } });
  const key = bindingKeyOf(template);
  const binding = plane.cache.binding(key);
  const policy = policyOf(template, running);
  const followers = [...plane.cache.allBindings()].filter(([, other]) => followsOnly(other, key));
  if (binding !== undefined) {
    refuseWithoutMembers([binding, ...followers.map(([, follower]) => follower)], running);
    await preserve(running, policy, binding);
    await untilPreserved(running, [key, ...followers.map(([follower]) => follower)]);
  }
  const works = [binding, ...followers.map(([, follower]) => follower)].flatMap((one) => worksOf(one, running));
  const removed: Removed[] = [];
  const drop = async (object: KubeObject, ref: Parameters<typeof remove>[1]): Promise<void> => {
    const { namespace = '', name = '', uid } = object.metadata;
    await remove(client, ref, { namespace, name, uid });
    removed.push({ kind: object.kind, namespace, name });
  };
  for (const object of [template, ...followers.flatMap(([, follower]) => templateOf(follower, running))]) {
    const ref = plane.templates.refOf(object.apiVersion, object.kind);
    if (ref !== undefined) await drop(object, ref);
    for (const override of plane.cache.overridesFor(object.metadata.namespace ?? ''))
      if (isOnlyFor(override.spec.resourceSelectors, object)) await drop(override, overrideRefOf(override));
  }
  if (policy !== undefined && isOnlyFor(policy.spec.resourceSelectors, template))
    await drop(policy, policyRefOf(policy));
  return { removed, waiting: await untilGone(running, works) };
}

function worksOf(binding: Binding | undefined, { plane }: Running): Work[] {
  return binding === undefined ? [] : plane.cache.worksOfBinding(bindingId(binding) ?? '');
}

function policyOf(template: KubeObject, { plane }: Running): PropagationPolicy | undefined {
  const claim = claimedBy(template);
  if (claim === null) return undefined;
  return (claim.cluster ? plane.cache.clusterPolicies : plane.cache.policies).get(claim.key);
}

function templateOf({ spec }: Binding, { plane }: Running): KubeObject[] {
  const { apiVersion, kind, namespace, name } = spec.resource;
  const template = plane.templates.get(apiVersion, kind, namespace, name);
  return template === undefined ? [] : [template];
}

/** It is there for this workload alone. */
function followsOnly({ metadata, spec }: Binding, key: string): boolean {
  const parents = (spec.requiredBy ?? []).map(({ namespace = '', name }) =>
    namespace === '' ? name : `${namespace}/${name}`,
  );
  return (
    parents.length > 0 && parents.every((parent) => parent === key) && policyIdOf({ metadata } as Binding) === undefined
  );
}

/** A member that cannot be reached could not be told, and would delete its copy when it is back under other orders. */
function refuseWithoutMembers(bindings: readonly Binding[], { plane }: Running): void {
  for (const binding of bindings)
    for (const name of targetsOf(binding).keys()) {
      const cluster = plane.cache.clusters.get(name);
      if (cluster !== undefined && !isReady(cluster))
        throw new AppError('CLUSTER_UNREACHABLE', `member ${name} is not ready`, { cluster: name, retryable: true });
    }
}

async function preserve({ client }: Running, policy: PropagationPolicy | undefined, binding: Binding): Promise<void> {
  if (binding.spec.preserveResourcesOnDeletion === true) return;
  if (policy === undefined || !isOnlyFor(policy.spec.resourceSelectors, asObject(binding)))
    throw new AppError('REFUSED', 'the policy would delete the copies, and it is not this workload’s alone', {
      params: { name: policy === undefined ? '' : objectKey(policy) },
      hint: 'hints.releaseSharedPolicy',
    });
  const { namespace, name = '' } = policy.metadata;
  await mutate<PropagationPolicy>(client, policyRefOf(policy), { namespace, name }, (live) => {
    live.spec.preserveResourcesOnDeletion = true;
  });
}

function asObject({ spec }: Binding): KubeObject {
  const { apiVersion, kind, namespace, name } = spec.resource;
  return { apiVersion, kind, metadata: { name, ...(namespace ? { namespace } : {}) } };
}

async function untilPreserved(running: Running, keys: readonly string[]): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  const waiting = (): Work[] =>
    keys
      .flatMap((key) => worksOf(running.plane.cache.binding(key), running))
      .filter(({ spec }) => spec.preserveResourcesOnDeletion !== true);
  while (waiting().length > 0) {
    if (Date.now() > end)
      throw new AppError('INTERNAL', 'the Works were not told to keep their objects in time', { retryable: true });
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** A Work goes when its object in the member bears no mark any more. Resolves with the members where one is left. */
async function untilGone({ plane }: Running, works: readonly Work[]): Promise<string[]> {
  const end = Date.now() + PATIENCE_MS;
  const left = (): Work[] =>
    works.filter((work) => plane.cache.works.get(objectKey(work))?.metadata.uid === work.metadata.uid);
  while (left().length > 0 && Date.now() < end) await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  const members = left().map(({ metadata }) => clusterOfExecutionNamespace(metadata.namespace ?? '') ?? '');
  return [...new Set(members)].sort();
}

/** Every selector names this very object. */
function isOnlyFor(
  selectors: readonly ResourceSelector[] | undefined,
  { apiVersion, kind, metadata }: KubeObject,
): boolean {
  return (
    selectors !== undefined &&
    selectors.length > 0 &&
    selectors.every(
      (selector) =>
        selector.apiVersion === apiVersion &&
        selector.kind === kind &&
        selector.name === metadata.name &&
        (selector.namespace ?? metadata.namespace) === metadata.namespace,
    )
  );
}
