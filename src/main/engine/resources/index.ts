/** Public face of resources: one object at a time, of any kind a cluster or a federation serves. */
import type { ObjectRef, ResourceKind, ResourcesService } from '#shared/contract/resources.ts';
import type { Target } from '#shared/contract/views.ts';
import { AppError } from '#shared/errors.ts';
import { apiVersionOf, type KubeObject, type ResourceInfo, splitApiVersion } from '#shared/kubernetes/types.ts';
import { type ApiError, isAlreadyExists, type KubeClient } from '../kube/index.ts';
import { applyObject } from './apply.ts';
import { runBulk } from './bulk.ts';
import { eventRows } from './events.ts';
import { SchemaCache } from './schema.ts';
import { hasMasked, presentable, revealed, unmasked } from './secrets.ts';

export { presentable } from './secrets.ts';

export interface ResourcesDeps {
  /** @throws AppError NOT_FOUND, or what keeps the target from being used. */
  client: (target: Target) => KubeClient;
  /** Name of the target, put on every error. */
  name: (target: Target) => string;
}

const FIELD_MANAGER = 'fleetdeck';
const EVENTS = { group: '', version: 'v1', resource: 'events' };

export function createResources(deps: ResourcesDeps): ResourcesService {
  const schemas = new SchemaCache();

  /** Runs `work` with the target's client; whatever goes wrong says where it did. */
  async function at<T>(target: Target, work: (client: KubeClient) => Promise<T>): Promise<T> {
    try {
      return await work(deps.client(target));
    } catch (error) {
      throw located(error, deps.name(target));
    }
  }

  async function infoOf(
    client: KubeClient,
    matches: (info: ResourceInfo) => boolean,
  ): Promise<ResourceInfo | undefined> {
    const known = (await client.resources()).find(matches);
    // A CRD may have been installed since discovery was read.
    return known ?? (await client.resources({ refresh: true })).find(matches);
  }

  return {
    kinds: (target) =>
      at(target, async (client) =>
        (await client.resources()).map(
          ({ group, version, resource, kind, namespaced, verbs }): ResourceKind => ({
            group,
            version,
            resource,
            kind,
            namespaced,
            verbs,
          }),
        ),
      ),

    get: (ref) =>
      at(ref.target, async (client) => presentable(await client.get(ref.resource, ref.name, namespaceOf(ref)))),

    reveal: ({ ref, key }) =>
      at(ref.target, async (client) => revealed(await client.get(ref.resource, ref.name, namespaceOf(ref)), key)),

    events: (ref) =>
      at(ref.target, async (client) => {
        const { group, version, resource } = ref.resource;
        const info = await infoOf(
          client,
          (one) => one.group === group && one.version === version && one.resource === resource,
        );
        if (info === undefined) throw unknownKind(resource, apiVersionOf(ref.resource));
        const fields = [`involvedObject.name=${ref.name}`, `involvedObject.kind=${info.kind}`];
        if (ref.namespace !== '') fields.push(`involvedObject.namespace=${ref.namespace}`);
        const { items } = await client.list(EVENTS, { ...namespaceOf(ref), fieldSelector: fields.join(',') });
        return eventRows(items, { kind: info.kind, namespace: ref.namespace, name: ref.name });
      }),

    schema: ({ target, apiVersion, kind }) =>
      at(target, async (client) => {
        const { group, version } = splitApiVersion(apiVersion);
        const info = await infoOf(client, (one) => one.group === group && one.version === version && one.kind === kind);
        if (info === undefined) throw unknownKind(kind, apiVersion);
        return await schemas.of(client, info);
      }),

    replace: ({ ref, object, dryRun }) =>
      at(ref.target, async (client) => {
        refuseOtherObject(ref, object);
        const whole = hasMasked(object)
          ? unmasked(object, await client.find(ref.resource, ref.name, namespaceOf(ref)))
          : object;
        const warnings: string[] = [];
        const result = await client.update(ref.resource, whole, {
          ...namespaceOf(ref),
          fieldManager: FIELD_MANAGER,
          dryRun,
          onWarning: (text) => warnings.push(text),
        });
        return { object: presentable(result), warnings };
      }),

    create: ({ target, object, dryRun }) =>
      at(target, async (client) => {
        const { group, version } = splitApiVersion(object.apiVersion);
        const info = await infoOf(
          client,
          (one) => one.group === group && one.version === version && one.kind === object.kind,
        );
        if (info === undefined) throw unknownKind(object.kind, object.apiVersion);
        const whole = hasMasked(object) ? unmasked(object, null) : object;
        const warnings: string[] = [];
        try {
          const result = await client.create(info, whole, {
            ...(info.namespaced ? { namespace: object.metadata.namespace ?? 'default' } : {}),
            fieldManager: FIELD_MANAGER,
            dryRun,
            onWarning: (text) => warnings.push(text),
          });
          return { object: presentable(result), warnings };
        } catch (error) {
          if (!isAlreadyExists(error)) throw error;
          throw new AppError('NAME_TAKEN', (error as ApiError).message, {
            params: { name: object.metadata.name ?? '' },
            cause: error,
          });
        }
      }),

    apply: ({ target, object, dryRun, force }) =>
      at(target, async (client) => {
        const { group, version } = splitApiVersion(object.apiVersion);
        const info = await infoOf(
          client,
          (one) => one.group === group && one.version === version && one.kind === object.kind,
        );
        if (info === undefined) throw unknownKind(object.kind, object.apiVersion);
        return await applyObject(client, info, object, { dryRun, force, fieldManager: FIELD_MANAGER });
      }),

    scale: ({ ref, replicas }) =>
      at(ref.target, async (client) => {
        await client.patch(
          ref.resource,
          ref.name,
          'merge',
          { spec: { replicas } },
          { ...namespaceOf(ref), subresource: 'scale', fieldManager: FIELD_MANAGER },
        );
      }),

    bulk: ({ refs, action }) => runBulk(refs, action, { ...deps, fieldManager: FIELD_MANAGER }),

    remove: (ref) =>
      at(ref.target, async (client) => {
        await client.delete(ref.resource, ref.name, { ...namespaceOf(ref), propagationPolicy: 'Background' });
      }),
  };
}

function namespaceOf(ref: Pick<ObjectRef, 'namespace'>): { namespace?: string } {
  return ref.namespace === '' ? {} : { namespace: ref.namespace };
}

/** What a person edits must still be what they opened, and say which state of it they saw. */
function refuseOtherObject(ref: ObjectRef, object: KubeObject): void {
  const { name, namespace, resourceVersion } = object.metadata;
  const wrong = (field: string, why: string): AppError =>
    new AppError('INVALID', `${field}: ${why}`, { params: { field } });
  if (name !== ref.name) throw wrong('metadata.name', `must stay ${ref.name}`);
  if ((namespace ?? '') !== ref.namespace) throw wrong('metadata.namespace', `must stay ${ref.namespace || 'empty'}`);
  if (object.apiVersion !== apiVersionOf(ref.resource))
    throw wrong('apiVersion', `must stay ${apiVersionOf(ref.resource)}`);
  if (resourceVersion === undefined || resourceVersion === '')
    throw wrong('metadata.resourceVersion', 'is missing: without it a change made meanwhile would be overwritten');
}

function unknownKind(kind: string, apiVersion: string): AppError {
  return new AppError('UNSUPPORTED', `no kind ${kind} in ${apiVersion} is served`, { params: { kind, apiVersion } });
}

function located(error: unknown, name: string): unknown {
  if (!(error instanceof AppError) || error.cluster !== undefined) return error;
  const { code, message, retryable, params, hint } = error;
  return new AppError(code, message, {
    cluster: name,
    retryable,
    cause: error,
    ...(params === undefined ? {} : { params }),
    ...(hint === undefined ? {} : { hint }),
  });
}
