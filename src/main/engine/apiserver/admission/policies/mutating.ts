/**
 * MutatingAdmissionPolicy: expressions that say what is to be changed about an object. Its mutations run in order, each on
 * what the ones before it have made. Source: KEP-3962; "Mutating Admission Policy" in the documentation; texts of the API
 * server's dispatcher.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { PATCH_TYPES } from '../../cel/messages.ts';
import { messageOfSchema } from '../../openapi/fields.ts';
import { forbidden, refuse } from '../../status.ts';
import type { AdmissionRequest, KindDefinition } from '../../types.ts';
import { type Mutator, type Round, replaceContent } from '../mutators.ts';
import { subjectOf } from '../subject.ts';
import { conditionsHold } from '../webhooks/conditions.ts';
import { shownAs } from '../webhooks/review.ts';
import { Evaluation, type Expression, expressionOf, OutOfBudget } from './expressions.ts';
import { PolicyList } from './list.ts';
import { configured, PatchFailure, patched } from './patches.ts';
import { headOf, type Invocation, invocationsOf, type Misconfiguration, type PolicyHead } from './policy.ts';
import { isPolicy, type PolicyOptions, valuesOf } from './request.ts';

interface Policy extends PolicyHead {
  mutations: readonly { patch: typeof configured; expression: Expression }[];
  reinvoked: boolean;
}

type Step = Invocation<Policy> | Misconfiguration<Policy>;

function policyOf(object: KubeObject): Policy {
  const { head, declared } = headOf(object);
  const mutations: Json[] = object.spec?.mutations ?? [];
  return {
    ...head,
    reinvoked: object.spec?.reinvocationPolicy === 'IfNeeded',
    mutations: mutations.map((mutation) => {
      const { field, returns } = PATCH_TYPES.get(String(mutation.patchType))!;
      const text = String(mutation[field]?.expression ?? '');
      return {
        patch: mutation.patchType === 'JSONPatch' ? patched : configured,
        expression: expressionOf(text, { ...declared, patches: true }, [returns]),
      };
    }),
  };
}

/** Why requests are refused, each with the policy that is at fault. */
class Refusals {
  readonly #messages: { text: string; reason: string }[] = [];

  add(
    { policy, binding }: Pick<Misconfiguration<Policy>, 'policy' | 'binding'>,
    problem: string,
    reason: string,
  ): void {
    if (policy.ignoresFailures) return;
    const who =
      binding === null ? `policy "${policy.name}"` : `policy '${policy.name}' with binding '${binding.metadata.name}'`;
    this.#messages.push({ text: `${who} denied request: ${problem}`, reason });
  }

  /** Throws what has been gathered, if anything. */
  check(request: AdmissionRequest): void {
    const [first] = this.#messages;
    if (first === undefined) return;
    const causes = this.#messages.map(({ text }) => ({ message: text }));
    throw refuse(403, first.reason, first.text, {
      ...forbidden(request.kind, subjectOf(request), '').body!.details,
      causes,
    });
  }
}

export function mutatingPolicies(options: PolicyOptions): Mutator {
  const { store } = options;
  const policies = new PolicyList(store, 'mutatingadmissionpolicy', policyOf);
  const namespaceOf = (name: string) => store.collection('/namespaces').latest(name)?.object;
  const stepsOf = (request: AdmissionRequest) => [...invocationsOf(policies.all(), request, options, namespaceOf)];

  /** Whether any mutation ran; `wanted` picks the steps to take and is told of those that ran. */
  async function run(
    request: AdmissionRequest,
    steps: readonly Step[],
    wanted: (key: string) => boolean,
    ran: (key: string, policy: Policy) => void,
  ): Promise<boolean> {
    const refusals = new Refusals();
    let dirty = false;
    for (const step of steps) {
      if ('problem' in step) refusals.add(step, step.problem, 'Forbidden');
      else if (request.object !== null) {
        const key = keyOf(step);
        const holds = matches(request, step);
        if (typeof holds !== 'boolean') refusals.add(step, holds.failure, 'Invalid');
        if (holds !== true || !wanted(key)) continue;
        dirty = (await mutate(request, step, refusals)) || dirty;
        ran(key, step.policy);
      }
    }
    refusals.check(request);
    return dirty;
  }

  function matches(request: AdmissionRequest, { policy, kind, param }: Invocation<Policy>) {
    if (policy.conditions.length === 0) return true;
    const values = valuesOf(options, request, kind, param, namespaceOf);
    return conditionsHold(policy.conditions, { ...values, namespaceObject: null }, policy.ignoresFailures);
  }

  async function mutate(request: AdmissionRequest, step: Invocation<Policy>, refusals: Refusals): Promise<boolean> {
    const { policy, kind, param } = step;
    const shape = shapeOf(request, kind);
    let dirty = false;
    for (const { patch, expression } of policy.mutations) {
      const shown = await shownAs(store, kind, request, request.object!);
      try {
        const values = valuesOf(options, { ...request, object: shown }, kind, param, namespaceOf);
        const result = new Evaluation(values, policy.variables).run(expression);
        if ('error' in result) throw new PatchFailure(result.error.replace(/^compilation error: /, ''));
        const changed = patch(shape, structuredClone(shown), result.value);
        replaceContent(request.object!, await shownAs(store, request.kind, request, changed));
        dirty = true;
      } catch (error) {
        if (!(error instanceof PatchFailure || error instanceof OutOfBudget)) throw error;
        refusals.add(step, error.message, 'Invalid');
      }
    }
    return dirty;
  }

  async function first(request: AdmissionRequest, steps: readonly Step[]): Promise<Round> {
    const again = new Set<string>();
    const note = (key: string, policy: Policy) => {
      if (policy.reinvoked) again.add(key);
    };
    const changed = await run(request, steps, () => true, note);
    return {
      changed,
      async again() {
        if (again.size > 0)
          await run(
            request,
            stepsOf(request),
            (key) => again.has(key),
            () => undefined,
          );
      },
    };
  }

  return {
    name: 'MutatingAdmissionPolicy',
    matches: (kind, operation) => operation !== 'DELETE' && !policies.isEmpty && !isPolicy(kind),
    first: (request) => {
      const steps = stepsOf(request);
      return steps.length === 0 ? null : first(request, steps);
    },
  };
}

function keyOf({ policy, binding, param }: Invocation<Policy>): string {
  const { namespace = '', name = '' } = param?.metadata ?? {};
  return JSON.stringify([policy.name, binding.metadata.name, namespace, name]);
}

/** The kind of the objects as they are patched. Throws ApiError 503 when nothing describes it. */
function shapeOf({ objectKind }: AdmissionRequest, kind: KindDefinition): KindDefinition {
  if (objectKind === undefined) return kind;
  const group = objectKind.group === '' ? 'core' : objectKind.group.replace(/\.k8s\.io$/, '');
  const schema = `io.k8s.api.${group}.${objectKind.version}.${objectKind.kind}`;
  if (messageOfSchema(schema) === undefined) {
    const named = `${objectKind.group}/${objectKind.version}, Kind=${objectKind.kind}`;
    const text = `Resource kind ${named} not found. There can be a delay between when CustomResourceDefinitions are created and when they are available.`;
    throw refuse(503, 'ServiceUnavailable', text);
  }
  const { defaults: _defaults, custom: _custom, ...rest } = kind;
  return { ...rest, ...objectKind, schema };
}
