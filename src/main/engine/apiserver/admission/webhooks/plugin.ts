/**
 * MutatingAdmissionWebhook and ValidatingAdmissionWebhook. Mutating webhooks run one after the other, validating ones at
 * once; requests that no webhook wants are not made to wait. Source: "Dynamic Admission Control".
 */
import { randomUUID } from 'node:crypto';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { ApiError } from '../../../kube/index.ts';
import { PATCH_ANNOTATION } from '../../audit/auditor.ts';
import type { Authorizer } from '../../auth/authorize.ts';
import { cloneJson, equalJson, isRecord } from '../../json.ts';
import { applyOperations } from '../../patch/json.ts';
import { labelKeyProblem } from '../../selectors/labels.ts';
import { internalError } from '../../status.ts';
import type { ObjectStore } from '../../storage/store.ts';
import type { AdmissionPlugin, AdmissionRequest, KindDefinition, KindRegistry } from '../../types.ts';
import { callWebhook } from '../../webhook/client.ts';
import { type Mutator, type Round, replaceContent } from '../mutators.ts';
import { conditionsMatch } from './conditions.ts';
import { type Webhook, WebhookList } from './config.ts';
import { equivalentsOf, isExempt, selectorsMatch, versionWanted } from './match.ts';
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
    const kind = versionWanted(hook, request, equivalentsOf(registry, request.kind));
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
  const round = new MutatingRound(options, request, callFor);
  await round.ask(first);
  for (const call of others) await round.ask(call);
  return round.end();
}

/** One pass through the webhooks, and which of them want to be asked again after it. */
class MutatingRound {
  readonly #options: WebhookOptions;
  readonly #request: AdmissionRequest;
  readonly #callFor: CallFor;
  /** Asked so far, who want to see what others change afterwards. */
  #waiting: Call[] = [];
  #again = new Set<Call>();
  #changed = false;
  /** Nothing has been read back from JSON yet: what was just written into managedFields is finer than what comes back. */
  #fresh: boolean;

  constructor(options: WebhookOptions, request: AdmissionRequest, callFor: CallFor) {
    this.#options = options;
    this.#request = request;
    this.#callFor = callFor;
    this.#fresh = (request.object?.metadata?.managedFields?.length ?? 0) > 0;
  }

  async ask(call: Call): Promise<void> {
    if (await this.#mutate(call, 0)) {
      this.#changed = true;
      this.#wake();
    }
    if (call.hook.reinvoke) this.#waiting.push(call);
  }

  end(): Round {
    const { object } = this.#request;
    const last = cloneJson(object);
    return {
      changed: this.#changed,
      again: async () => {
        // What plugins have changed since concerns everybody.
        if (!equalJson(last, object)) this.#wake();
        for (const call of this.#again) {
          const kind = this.#callFor(call.hook, this.#request);
          if (kind !== null) await this.#mutate({ ...call, kind }, 1);
        }
      },
    };
  }

  #wake(): void {
    for (const call of this.#waiting) this.#again.add(call);
    this.#waiting = [];
    this.#again = new Set([...this.#again].sort((a, b) => a.index - b.index));
  }

  async #mutate(call: Call, round: number): Promise<boolean> {
    const outcome = await mutateOnce(this.#options, this.#request, call, round, this.#fresh);
    if (outcome !== 'unpatched') this.#fresh = false;
    return outcome === 'changed';
  }
}

/** What came of a call: `same` is a patch that changed nothing. */
type Outcome = 'unpatched' | 'same' | 'changed';

/** That a webhook did not change the object is written down too, whatever became of the call. */
async function mutateOnce(
  options: WebhookOptions,
  request: AdmissionRequest,
  call: Call,
  round: number,
  fresh: boolean,
): Promise<Outcome> {
  const { configuration, name: webhook } = call.hook;
  const place = `round_${round}_index_${call.index}`;
  let outcome: Outcome = 'unpatched';
  try {
    outcome = await mutation(options, request, call, place, fresh);
  } finally {
    const mutated = outcome === 'changed';
    annotate(request, `${MUTATION}/${place}`, JSON.stringify({ configuration, webhook, mutated }));
  }
  return outcome;
}

async function mutation(
  options: WebhookOptions,
  request: AdmissionRequest,
  { hook, index, kind }: Call,
  place: string,
  fresh: boolean,
): Promise<Outcome> {
  const verdict = await ask(options, request, { hook, index, kind }, `${MUTATION}/${place}`);
  if (verdict === null) return 'unpatched';
  if (!verdict.allowed) throw denial(hook.name, verdict.status);
  const { object } = request;
  if (verdict.patch === null) return 'unpatched';
  if (object === null)
    throw internalError(
      `admission webhook "${hook.name}" attempted to modify the object, which is not supported for this operation`,
    );
  const before = await shownAs(options.store, kind, request, object);
  const outcome = applyOperations(before, verdict.patch);
  if ('problem' in outcome) throw internalError(outcome.problem);
  const after = outcome.document as KubeObject;
  const mutated = fresh || !equalJson(before, after);
  decodeAgain(options.registry, kind, before, after, request.objectKind === undefined);
  if (mutated) replaceContent(object, await shownAs(options.store, request.kind, request, after));
  const patch = verdict.patch.map(inOrder);
  const told = { configuration: hook.configuration, webhook: hook.name, patch, patchType: 'JSONPatch' };
  annotate(request, `${PATCH_ANNOTATION}/${place}`, JSON.stringify(told));
  return mutated ? 'changed' : 'same';
}

/** Go writes maps with their keys in order, and values as they came. */
function inOrder(operation: unknown): unknown {
  return isRecord(operation)
    ? Object.fromEntries(Object.entries(operation).sort(([a], [b]) => (a < b ? -1 : 1)))
    : operation;
}

/** Keys that are none are left out, and who comes second does not overwrite. */
function annotate({ notes: { annotations } }: AdmissionRequest, key: string, value: string): void {
  if (key.split('/').length === 2 && labelKeyProblem(key) === null) annotations[key] ??= value;
}

/** What a patch has made has to be an object of its kind, which may go unsaid. Throws 500. */
function decodeAgain(
  registry: KindRegistry,
  kind: KindDefinition,
  before: KubeObject,
  after: KubeObject,
  defaulted: boolean,
): void {
  after.kind ||= before.kind!;
  after.apiVersion ||= before.apiVersion!;
  const other = after.kind !== before.kind || after.apiVersion !== before.apiVersion;
  if (other && registry.findKind(after.apiVersion, after.kind) === undefined)
    throw internalError(
      `no kind "${after.kind}" is registered for version "${after.apiVersion}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  if (other)
    throw internalError(
      `converting (${goName(after)}) to (${goName({ ...before, apiVersion: 'core' })}): unknown conversion`,
    );
  if (!defaulted) return;
  try {
    kind.defaults?.(after);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    throw internalError(error.message.replace(/^.*? cannot be handled as a [^:]*: /s, ''));
  }
}

/** `v1.Secret` */
function goName({ apiVersion, kind }: Pick<KubeObject, 'apiVersion' | 'kind'>): string {
  return `${apiVersion!.split('/').at(-1)}.${kind}`;
}

/** All are asked at once; of several refusals the first that comes is told. */
async function validateAll(options: WebhookOptions, request: AdmissionRequest, calls: readonly Call[]): Promise<void> {
  const refusals: unknown[] = [];
  await Promise.all(
    calls.map(async (call, index) => {
      try {
        const verdict = await ask(options, request, call, `${VALIDATION}/round_0_index_${index}`);
        if (verdict !== null && !verdict.allowed) throw denial(call.hook.name, verdict.status);
      } catch (error) {
        refusals.push(error);
      }
    }),
  );
  if (refusals.length > 0) throw refusals[0];
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
    const mutating = place.startsWith(MUTATION);
    const verdict = verdictOf(await send(store, hook, review), version, uid, mutating);
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
