/**
 * CustomResourceDefinitions: served as soon as they are accepted, emptied before they go.
 * Source: Kubernetes documentation, "Extend the Kubernetes API with CustomResourceDefinitions".
 */
import { isNotFound } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type Core, SYSTEM_USER, timestamp } from '../core.ts';
import { cloneJson, equalJson } from '../json.ts';
import type { Collection } from '../storage/collection.ts';
import type { StoreEvent } from '../storage/types.ts';
import { createObject } from '../verbs/create.ts';
import { CLEANUP_FINALIZER, deleteObject } from '../verbs/delete.ts';
import { PLAIN_DELETE } from '../verbs/delete-options.ts';
import { changeObject } from '../verbs/update.ts';
import { Debouncer } from './debouncer.ts';

const DEFINITIONS = 'apiextensions.k8s.io/customresourcedefinitions';

interface Condition {
  type: string;
  status: string;
  lastTransitionTime: string;
  reason: string;
  message: string;
}

export class CustomResourceController {
  readonly #core: Core;
  readonly #definitions: Collection;
  readonly #queue: Debouncer;

  constructor(core: Core) {
    this.#core = core;
    this.#definitions = core.store.collection(DEFINITIONS);
    this.#queue = new Debouncer((name) => this.#reconcile(name), core.onError);
  }

  /** Serves what is stored, then brings the definitions of the caller up to date. */
  async start(definitions: readonly KubeObject[]): Promise<void> {
    for (const { object } of this.#definitions.items.values()) this.#serve(object);
    this.#definitions.watchers.add((event) => this.#onEvent(event));
    await Promise.all(definitions.map((definition) => this.#install(definition)));
    for (const name of this.#definitions.items.keys()) this.#queue.add(name);
    await this.#queue.idle();
  }

  stop(): Promise<void> {
    return this.#queue.stop();
  }

  #onEvent({ type, key, current }: StoreEvent): void {
    if (type === 'DELETED') this.#core.registry.removeCustom(key);
    else {
      this.#serve(current.object);
      this.#queue.add(key);
    }
  }

  #serve(definition: KubeObject): void {
    if (conditionOf(definition, 'Established')?.status === 'True') this.#core.registry.setCustom(definition);
  }

  async #install(definition: KubeObject): Promise<void> {
    const kind = this.#core.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')!;
    const name = definition.metadata.name ?? '';
    const options = { dryRun: false, fieldManager: this.#core.name };
    if (this.#definitions.latest(name) === undefined) {
      await createObject(this.#core, kind, '', cloneJson(definition), options, SYSTEM_USER);
      return;
    }
    await changeObject({
      core: this.#core,
      kind,
      namespace: '',
      name,
      subresource: '',
      user: SYSTEM_USER,
      options,
      next: (old) => ({
        ...cloneJson(old),
        metadata: {
          ...cloneJson(old.metadata),
          labels: { ...old.metadata.labels, ...definition.metadata.labels },
          annotations: { ...old.metadata.annotations, ...definition.metadata.annotations },
        },
        spec: cloneJson(definition.spec),
      }),
    });
  }

  async #reconcile(name: string): Promise<void> {
    const definition = this.#definitions.latest(name)?.object;
    if (definition === undefined) return;
    if (definition.metadata.deletionTimestamp !== undefined) {
      await this.#empty(name, definition);
      return;
    }
    const status = statusFor(this.#core, definition);
    if (equalJson(status, definition.status)) return;
    await changeObject({
      core: this.#core,
      kind: this.#core.registry.find('apiextensions.k8s.io', 'v1', 'customresourcedefinitions')!,
      namespace: '',
      name,
      subresource: 'status',
      user: SYSTEM_USER,
      options: { dryRun: false, fieldManager: 'kube-apiserver' },
      next: (old) => ({ ...cloneJson(old), status: cloneJson(status) }),
    });
  }

  /** Deletes every instance; the definition follows when none is left. */
  async #empty(name: string, definition: KubeObject): Promise<void> {
    if (!(definition.metadata.finalizers ?? []).includes(CLEANUP_FINALIZER)) return;
    const { group, names } = definition.spec;
    const kind = this.#core.registry.all().find((each) => each.group === group && each.resource === names.plural);
    const collection = this.#core.store.collection(`${group}/${names.plural}`);
    if (kind !== undefined) {
      const options = { ...PLAIN_DELETE, propagation: 'Background' as const };
      await Promise.all(
        [...collection.items.values()].map(({ object }) =>
          deleteObject(
            this.#core,
            kind,
            object.metadata.namespace ?? '',
            object.metadata.name ?? '',
            options,
            SYSTEM_USER,
          ).catch((error) => {
            if (!isNotFound(error)) throw error;
          }),
        ),
      );
      if (collection.items.size > 0) {
        this.#queue.addAfter(name, 500);
        return;
      }
    }
    const stored = this.#definitions.latest(name);
    if (stored === undefined) return;
    const next = cloneJson(stored.object);
    const left = (next.metadata.finalizers ?? []).filter((each) => each !== CLEANUP_FINALIZER);
    if (left.length > 0) {
      next.metadata.finalizers = left;
      await this.#core.store.put(this.#definitions, name, next);
    } else {
      delete next.metadata.finalizers;
      await this.#core.store.remove(this.#definitions, name, next);
    }
  }
}

function conditionOf(definition: KubeObject, type: string): Condition | undefined {
  return ((definition.status?.conditions ?? []) as Condition[]).find((condition) => condition.type === type);
}

/** The order in which names are looked at, and the reason given when one is taken. */
const NAMES: readonly [field: 'plural' | 'singular' | 'shortNames' | 'kind' | 'listKind', reason: string][] = [
  ['plural', 'PluralConflict'],
  ['singular', 'SingularConflict'],
  ['shortNames', 'ShortNamesConflict'],
  ['kind', 'KindConflict'],
  ['listKind', 'ListKindConflict'],
];

/** Names are accepted unless another definition of the group holds them already; those that are free are accepted anyway. */
function statusFor(core: Core, definition: KubeObject): Record<string, unknown> {
  const { group, names, versions } = definition.spec;
  const taken = takenNames(core, group, definition.metadata.name ?? '');
  const acceptedNames: Record<string, unknown> = { ...definition.status?.acceptedNames };
  let conflict: { reason: string; message: string } | null = null;
  for (const [field, reason] of NAMES) {
    const wanted: string[] = [names[field] ?? []].flat().filter((name) => name !== '');
    const inUse = wanted.filter((name) =>
      taken[field === 'kind' || field === 'listKind' ? 'kinds' : 'resources'].has(name),
    );
    if (inUse.length === 0) {
      if (names[field] === undefined) delete acceptedNames[field];
      else acceptedNames[field] = names[field];
      continue;
    }
    const texts = inUse.map((name) => `${JSON.stringify(name)} is already in use`);
    conflict = { reason, message: texts.length === 1 ? texts[0]! : `[${texts.join(', ')}]` };
  }
  if (conflict === null) {
    if (names.categories === undefined) delete acceptedNames.categories;
    else acceptedNames.categories = names.categories;
  }
  const storage = (versions as { name: string; storage: boolean }[]).find((version) => version.storage)?.name;
  const stored = new Set<string>(definition.status?.storedVersions ?? []);
  if (storage !== undefined) stored.add(storage);
  const established = conditionOf(definition, 'Established')?.status === 'True';
  return {
    ...definition.status,
    acceptedNames,
    conditions: [
      conflict === null
        ? transition(definition, 'NamesAccepted', 'True', 'NoConflicts', 'no conflicts found')
        : transition(definition, 'NamesAccepted', 'False', conflict.reason, conflict.message),
      conflict === null || established
        ? transition(definition, 'Established', 'True', 'InitialNamesAccepted', 'the initial names have been accepted')
        : transition(definition, 'Established', 'False', 'NotAccepted', 'not all names are accepted'),
      ...approvalOf(definition),
    ],
    storedVersions: [...stored],
  };
}

const APPROVAL = 'api-approved.kubernetes.io';

/** Definitions in the project's own groups say whether they were approved. */
function approvalOf(definition: KubeObject): Condition[] {
  if (!/(^|\.)(k8s|kubernetes)\.io$/.test(definition.spec.group)) return [];
  const type = 'KubernetesAPIApprovalPolicyConformant';
  const value = definition.metadata.annotations?.[APPROVAL] ?? '';
  if (!value.startsWith('unapproved'))
    return [transition(definition, type, 'True', 'ApprovedAnnotation', `approved in ${value}`)];
  const message = `not approved: ${JSON.stringify(value)}`;
  return [transition(definition, type, 'False', 'UnapprovedAnnotation', message)];
}

/** Resources (with their short names) and kinds are named apart: one name may be both. */
function takenNames(core: Core, group: string, except: string): { resources: Set<string>; kinds: Set<string> } {
  const taken = { resources: new Set<string>(), kinds: new Set<string>() };
  for (const { object } of core.store.collection(DEFINITIONS).items.values()) {
    if (object.metadata.name === except || object.spec?.group !== group) continue;
    const accepted = object.status?.acceptedNames ?? {};
    for (const name of [accepted.plural, accepted.singular, ...(accepted.shortNames ?? [])])
      if (typeof name === 'string' && name !== '') taken.resources.add(name);
    for (const name of [accepted.kind, accepted.listKind])
      if (typeof name === 'string' && name !== '') taken.kinds.add(name);
  }
  return taken;
}

/** Keeps the time of the last change when nothing but it would differ. */
function transition(definition: KubeObject, type: string, status: string, reason: string, message: string): Condition {
  const before = conditionOf(definition, type);
  const lastTransitionTime = before?.status === status ? before.lastTransitionTime : timestamp();
  return { type, status, lastTransitionTime, reason, message };
}
