/**
 * MutatingAdmissionWebhook and ValidatingAdmissionWebhook. Mutating webhooks run one after the other, validating ones at
 * once; requests that no webhook wants are not made to wait. Source: "Dynamic Admission Control".
 */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../../kube/index.ts';
import type { Authorizer } from '../../auth/authorize.ts';
import { cloneJson, equalJson } from '../../json.ts';
import { applyOperations } from '../../patch/json.ts';
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

interface Call {
  hook: Webhook;
  /** The version in which the webhook wants to see the object. */
  kind: KindDefinition;
}

/** Null when the webhook does not want to be asked. Throws when a condition fails that must not. */
type CallFor = (hook: Webhook, request: AdmissionRequest) => Call | null;

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
    return conditionsMatch(hook, request, kind, authorizer) ? { hook, kind } : null;
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
  for (const hook of hooks) {
    const call = callFor(hook, request);
    if (call !== null) yield call;
  }
}

async function mutateAll(
  options: WebhookOptions,
  request: AdmissionRequest,
  first: Call,
  others: Iterable<Call>,
  callFor: CallFor,
): Promise<Round> {
  const seen = new Map<Webhook, KubeObject | null>();
  let changed = false;
  const ask = async (call: Call) => {
    changed = (await mutateOnce(options, request, call, `round_0_index_${seen.size}`)) || changed;
    seen.set(call.hook, cloneJson(request.object));
  };
  await ask(first);
  for (const call of others) await ask(call);
  return {
    changed,
    // A webhook that asked for it sees what others have changed since, once.
    async again() {
      for (const [index, [hook, before]] of [...seen].entries()) {
        if (!hook.reinvoke || equalJson(before, request.object)) continue;
        const call = callFor(hook, request);
        if (call !== null) await mutateOnce(options, request, call, `round_1_index_${index}`);
      }
    },
  };
}

/** Whether the webhook changed the object. */
async function mutateOnce(
  options: WebhookOptions,
  request: AdmissionRequest,
  { hook, kind }: Call,
  round: string,
): Promise<boolean> {
  const verdict = await ask(options, request, { hook, kind }, 'mutating', round);
  if (verdict === null) return false;
  if (!verdict.allowed) throw denial(hook.name, verdict.status);
  const { object, notes } = request;
  let mutated = false;
  if (verdict.patch !== null && verdict.patch.length > 0) {
    if (object === null)
      throw internalError(
        `admission webhook "${hook.name}" attempted to modify the object, which is not supported for this operation`,
      );
    const before = await shownAs(options.store, kind, request, object);
    const outcome = applyOperations(before, verdict.patch);
    if ('problem' in outcome) throw internalError(outcome.problem);
    const after = outcome.document as KubeObject;
    if (request.objectKind === undefined) decodeAgain(kind, after);
    mutated = !equalJson(before, after);
    if (mutated) replaceContent(object, await shownAs(options.store, request.kind, request, after));
  }
  const { configuration, name: webhook } = hook;
  notes.annotations[`mutation.webhook.admission.k8s.io/${round}`] = JSON.stringify({ configuration, webhook, mutated });
  return mutated;
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
      const verdict = await ask(options, request, call, 'validating', `round_0_index_${index}`);
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
  type: 'mutating' | 'validating',
  round: string,
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
    if (type === 'validating' && verdict.patch !== null)
      throw new Error('received invalid webhook response: validating webhook may not return response.patch');
    request.notes.warnings.push(...verdict.warnings);
    for (const [key, value] of Object.entries(verdict.auditAnnotations))
      request.notes.annotations[`${hook.name}/${key}`] = value;
    return verdict;
  } catch (error) {
    if (error instanceof ApiError) throw error;
    if (hook.failurePolicy === 'Ignore') {
      request.notes.annotations[`failed-open.${type}.webhook.admission.k8s.io/${round}`] = hook.name;
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
