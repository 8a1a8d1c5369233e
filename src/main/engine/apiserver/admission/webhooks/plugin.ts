/**
 * MutatingAdmissionWebhook and ValidatingAdmissionWebhook. Mutating webhooks run one after the other, validating ones at
 * once; requests that no webhook wants are not made to wait. Source: "Dynamic Admission Control".
 */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../../kube/index.ts';
import { PATCH_ANNOTATION } from '../../audit/auditor.ts';
import type { Authorizer } from '../../auth/authorize.ts';
import { cloneJson, equalJson } from '../../json.ts';
import { applyOperations } from '../../patch/json.ts';
import { labelKeyProblem } from '../../selectors/labels.ts';
import { internalError } from '../../status.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionPlugin, AdmissionRequest, KindDefinition, KindRegistry } from '../../types.ts';
import { callWebhook } from '../../webhook/client.ts';
import { type Mutator, type Round, replaceContent } from '../mutators.ts';
import { conditionsMatch } from './conditions.ts';
import { type Webhook, WebhookList } from './config.ts';
import { isExempt, selectorsMatch, versionWanted } from './match.ts';
import {
  callFailure,
  denial,
  dryRunRefusal,
  type ReviewVerdict,
  reviewOf,
  reviewVersion,
  shownAs,
  verdictOf,
} from './review.ts';

const GROUP = 'admissionregistration.k8s.io';
/** Prefixes of what audit events tell of the calls. */
const MUTATION = 'mutation.webhook.admission.k8s.io';
const VALIDATION = 'validating.webhook.admission.k8s.io';

interface Call {
  hook: Webhook;
  /** Its place among all that there are. */
  index: number;
  /** The version in which the webhook wants to see the object. */
  kind: KindDefinition;
}

/** The version wanted; null when the webhook does not want to be asked. Throws when a condition fails that must not. */
type CallFor = (hook: Webhook, request: AdmissionRequest) => KindDefinition | null;

export interface WebhookOptions {
  store: ObjectStore;
  registry: KindRegistry;
  authorizer: Authorizer;
}

export function webhookPlugins(options: WebhookOptions): { mutating: Mutator; validating: AdmissionPlugin } {
  const { store, registry, authorizer } = options;
  const mutating = new WebhookList(store.collection(`${GROUP}/mutatingwebhookconfigurations`));
  const validating = new WebhookList(store.collection(`${GROUP}/validatingwebhookconfigurations`));
  const namespaceOf = (name: string) => store.collection('/namespaces').latest(name)?.object;

  const callFor: CallFor = (hook, request) => {
    const equivalents = registry
      .all()
      .filter((kind) => kind.group === request.kind.group && kind.resource === request.kind.resource);
    const kind = versionWanted(hook, request, equivalents);
    if (kind === null || !selectorsMatch(hook, request, namespaceOf)) return null;
    return conditionsMatch(hook, request, kind, authorizer) ? kind : null;
  };
  const concerns =
    (list: WebhookList): AdmissionPlugin['matches'] =>
    (kind) =>
      list.all().length > 0 && !isExempt(kind);

  return {
    mutating: {
      name: 'MutatingAdmissionWebhook',
      matches: concerns(mutating),
      first: (request) => {
        const calls = callsOf(mutating.all(), request, callFor);
        const first = calls.next();
        return first.done === true ? null : mutateAll(options, request, first.value, calls, callFor);
      },
    },
    validating: {
      name: 'ValidatingAdmissionWebhook',
      matches: concerns(validating),
      validate: (request) => {
        const calls = [...callsOf(validating.all(), request, callFor)];
        return calls.length === 0 ? undefined : validateAll(options, request, calls);
      },
    },
  };
}

/** What the webhooks want to be asked, each judged by the object as it is when its turn comes. */
function* callsOf(hooks: readonly Webhook[], request: AdmissionRequest, callFor: CallFor): Generator<Call, void> {
  for (const [index, hook] of hooks.entries()) {
    const kind = callFor(hook, request);
    if (kind !== null) yield { hook, index, kind };
  }
}

async function mutateAll(
  options: WebhookOptions,
  request: AdmissionRequest,
  first: Call,
  others: Iterable<Call>,
  callFor: CallFor,
): Promise<Round> {
  const seen: { call: Call; before: KubeObject | null }[] = [];
  let changed = false;
  const ask = async (call: Call) => {
    changed = (await mutateOnce(options, request, call, 0)) || changed;
    seen.push({ call, before: cloneJson(request.object) });
  };
  await ask(first);
  for (const call of others) await ask(call);
  return {
    changed,
    // A webhook that asked for it sees what others have changed since, once.
    async again() {
      for (const { call, before } of seen) {
        if (!call.hook.reinvoke || equalJson(before, request.object)) continue;
        const kind = callFor(call.hook, request);
        if (kind !== null) await mutateOnce(options, request, { ...call, kind }, 1);
      }
    },
  };
}

/** Whether the webhook changed the object; that it did not is written down too, whatever became of the call. */
async function mutateOnce(
  options: WebhookOptions,
  request: AdmissionRequest,
  call: Call,
  round: number,
): Promise<boolean> {
  const { configuration, name: webhook } = call.hook;
  const place = `round_${round}_index_${call.index}`;
  let mutated = false;
  try {
    mutated = await mutation(options, request, call, place);
  } finally {
    annotate(request, `${MUTATION}/${place}`, JSON.stringify({ configuration, webhook, mutated }));
  }
  return mutated;
}

async function mutation(
  options: WebhookOptions,
  request: AdmissionRequest,
  { hook, index, kind }: Call,
  place: string,
): Promise<boolean> {
  const verdict = await ask(options, request, { hook, index, kind }, `${MUTATION}/${place}`);
  if (verdict === null) return false;
  if (!verdict.allowed) throw denial(hook.name, verdict.status);
  const { object } = request;
  if (verdict.patch === null || verdict.patch.length === 0) return false;
  if (object === null)
    throw internalError(
      `admission webhook "${hook.name}" attempted to modify the object, which is not supported for this operation`,
    );
  const before = await shownAs(options.store, kind, request, object);
  const outcome = applyOperations(before, verdict.patch);
  if ('problem' in outcome) throw internalError(outcome.problem);
  const after = outcome.document as KubeObject;
  if (request.objectKind === undefined) decodeAgain(kind, after);
  const mutated = !equalJson(before, after);
  if (mutated) replaceContent(object, await shownAs(options.store, request.kind, request, after));
  const told = { configuration: hook.configuration, webhook: hook.name, patch: verdict.patch, patchType: 'JSONPatch' };
  annotate(request, `${PATCH_ANNOTATION}/${place}`, JSON.stringify(told));
  return mutated;
}

/** Keys that are none are left out, and who comes second does not overwrite. */
function annotate({ notes: { annotations } }: AdmissionRequest, key: string, value: string): void {
  if (key.split('/').length === 2 && labelKeyProblem(key) === null) annotations[key] ??= value;
}

/** What a patch has made has to be an object of its kind. Throws 500. */
function decodeAgain(kind: KindDefinition, object: KubeObject): void {
  try {
    kind.defaults?.(object);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw internalError(error.message.replace(/^.*? cannot be handled as a [^:]*: /s, ''));
  }
}

async function validateAll(options: WebhookOptions, request: AdmissionRequest, calls: readonly Call[]): Promise<void> {
  const outcomes = await Promise.allSettled(
    calls.map(async (call, index) => {
      const verdict = await ask(options, request, call, `${VALIDATION}/round_0_index_${index}`);
      if (verdict !== null && !verdict.allowed) throw denial(call.hook.name, verdict.status);
    }),
  );
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

/** Null when the webhook could not be asked and that is no reason to refuse. */
async function ask(
  { store }: WebhookOptions,
  request: AdmissionRequest,
  { hook, kind }: Call,
  place: string,
): Promise<ReviewVerdict | null> {
  if (request.dryRun && hook.sideEffects !== 'None' && hook.sideEffects !== 'NoneOnDryRun')
    throw dryRunRefusal(hook.name);
  const shown = async (object: KubeObject | null) => (object === null ? null : shownAs(store, kind, request, object));
  const uid = randomUUID();
  try {
    const version = reviewVersion(hook.versions);
    if (version === null) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)');
    const objects = { object: await shown(request.object), old: await shown(request.old) };
    const review = reviewOf(version, uid, request, kind, objects);
    const verdict = verdictOf(await send(store, hook, review), version, uid);
    if (place.startsWith(VALIDATION) && verdict.patch !== null)
      throw new Error('received invalid webhook response: validating webhook may not return response.patch');
    request.notes.warnings.push(...verdict.warnings);
    for (const [key, value] of Object.entries(verdict.auditAnnotations))
      annotate(request, `${hook.name}/${key}`, value);
    return verdict;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (hook.failurePolicy === 'Ignore') {
      annotate(request, `failed-open.${place}`, hook.name);
      return null;
    }
    throw callFailure(hook.name, error instanceof Error ? error.message : String(error));
  }
}

async function send(store: ObjectStore, hook: Webhook, review: unknown): Promise<unknown> {
  try {
    return await callWebhook(store, hook.client, review, hook.timeoutSeconds);
  } catch (error) {
    throw new Error(`failed to call webhook: ${(error as Error).message}`);
  }
}
