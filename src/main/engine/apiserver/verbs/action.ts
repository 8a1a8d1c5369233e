/** What is done to an object by creating something of another kind under it: a binding or an eviction of a pod. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { recordUpdate } from '../apply/managed.ts';
import { namespaceRefusal } from '../controllers/namespace-rules.ts';
import { decodeBody } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { presentAction } from '../request/present.ts';
import type { ApiAnswer } from '../request/types.ts';
import { badRequest } from '../status.ts';
import type { AdmissionRequest, KindDefinition } from '../types.ts';
import { mutate, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { readBody } from './fields.ts';

/** A kind that is never stored. */
export function actionKind(
  group: string,
  kind: string,
  schema: string,
  defaults?: KindDefinition['defaults'],
): KindDefinition {
  return {
    group,
    version: 'v1',
    resource: `${kind.toLowerCase()}s`,
    kind,
    listKind: '',
    singular: kind.toLowerCase(),
    namespaced: true,
    verbs: ['create'],
    shortNames: [],
    categories: [],
    subresources: [],
    generation: 'none',
    hasStatus: false,
    schema,
    ...(defaults === undefined ? {} : { defaults }),
  };
}

export interface Action {
  /** As plugins have left it. */
  object: KubeObject;
  /** Name of what it is done to. */
  name: string;
  options: WriteOptions;
  /** The rest of admission: what only judges. */
  judge(): Promise<void>;
}

/** Reads what is asked for and has it changed by admission. Throws 400, 415, what life cycle of the namespace and plugins refuse. */
export async function readAction(
  context: VerbContext,
  asked: KindDefinition,
  decoded = decodeBody(context.request, asked.kind),
): Promise<Action> {
  const { core, kind, request, route, user, warnings, annotations } = context;
  const options = parseWriteOptions('CreateOptions', request.query, request.headers['user-agent']);
  const object = readBody(context, asked, options, decoded);
  const { namespace, subresource } = route;
  if ((object.metadata.namespace ?? '') !== '' && object.metadata.namespace !== namespace)
    throw badRequest('the namespace of the provided object does not match the namespace sent on the request');
  object.metadata.namespace = namespace;
  for (const field of ['deletionTimestamp', 'deletionGracePeriodSeconds', 'selfLink'] as const)
    delete object.metadata[field];
  asked.defaults?.(object);
  recordUpdate(asked, null, object, options.fieldManager, subresource);
  const name = route.name !== '' ? route.name : (object.metadata.name ?? '');
  const admission: AdmissionRequest = {
    operation: 'CREATE',
    kind,
    subresource,
    objectKind: asked,
    namespace,
    name,
    object,
    old: null,
    user,
    dryRun: options.dryRun,
    options: options.asked,
    notes: { warnings, annotations },
  };
  const refusal = namespaceRefusal(core, kind, namespace, { name });
  if (refusal !== null) throw refusal;
  await mutate(core, admission);
  return { object, name, options, judge: async () => void (await validate(core, admission)) };
}

export function actionDone({ accept }: VerbContext): ApiAnswer {
  const done = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 } as const;
  return presentAction(done, accept, 201);
}

/** `conditions` with one of them set; it keeps the time of its last transition while its status stays. */
export function withCondition(conditions: unknown, added: PodCondition): unknown[] {
  const others = (Array.isArray(conditions) ? conditions : []) as PodCondition[];
  const before = others.find((each) => each.type === added.type);
  if (before === undefined) return [...others, added];
  const since = before.status === added.status ? before.lastTransitionTime : added.lastTransitionTime;
  return others.map((each) => (each === before ? { ...added, lastTransitionTime: since } : each));
}

interface PodCondition {
  type: string;
  status: string;
  lastTransitionTime?: string;
}
