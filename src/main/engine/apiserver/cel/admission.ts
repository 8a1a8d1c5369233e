/**
 * Expressions about a request that is being admitted: `object`, `oldObject` and `params` without a schema, `request` as
 * AdmissionReview describes it, its namespace, who may do what, and the variables a policy names. Source: "Dynamic
 * Admission Control" and "Validating Admission Policy" in the documentation; texts of the API server's compiler.
 */
import { AUTHORIZER, RESOURCE_CHECK } from './functions/authorizer.ts';
import { compileExpression, type Program } from './index.ts';
import { patchMessage } from './messages.ts';
import { BOOL, type CelType, DYN, INT, list, map, STRING, TIMESTAMP } from './types.ts';
import type { CelValue } from './values.ts';

function objectType(name: string, fields: Record<string, CelType>): CelType {
  return { kind: 'object', name, fields: new Map(Object.entries(fields)) };
}

const KIND = objectType('kubernetes.GroupVersionKind', { group: STRING, version: STRING, kind: STRING });
const RESOURCE = objectType('kubernetes.GroupVersionResource', { group: STRING, version: STRING, resource: STRING });
const USER = objectType('kubernetes.UserInfo', {
  username: STRING,
  uid: STRING,
  groups: list(STRING),
  extra: map(STRING, list(STRING)),
});
const REQUEST = objectType('kubernetes.AdmissionRequest', {
  kind: KIND,
  resource: RESOURCE,
  subResource: STRING,
  requestKind: KIND,
  requestResource: RESOURCE,
  requestSubResource: STRING,
  name: STRING,
  namespace: STRING,
  operation: STRING,
  userInfo: USER,
  dryRun: BOOL,
  options: DYN,
});
const NAMESPACE = objectType('kubernetes.Namespace', {
  metadata: objectType('kubernetes.NamespaceMetadata', {
    name: STRING,
    generateName: STRING,
    namespace: STRING,
    labels: map(STRING, STRING),
    annotations: map(STRING, STRING),
    UID: STRING,
    creationTimestamp: TIMESTAMP,
    deletionGracePeriodSeconds: INT,
    deletionTimestamp: TIMESTAMP,
    generation: INT,
    resourceVersion: STRING,
    finalizers: list(STRING),
  }),
  spec: objectType('kubernetes.NamespaceSpec', { finalizers: list(STRING) }),
  status: objectType('kubernetes.NamespaceStatus', {
    conditions: list(
      objectType('kubernetes.NamespaceCondition', {
        status: STRING,
        type: STRING,
        lastTransitionTime: TIMESTAMP,
        message: STRING,
        reason: STRING,
      }),
    ),
    phase: STRING,
  }),
});

/** What an expression may look at beyond the request itself. */
export interface Declared {
  params: boolean;
  authorizer: boolean;
  /** Types of a policy's variables that stand before the expression; null: it has no variables. */
  variables: ReadonlyMap<string, CelType> | null;
  /** Whether it can build objects and JSON patches. */
  patches?: boolean;
  /** Of the objects and the parameters, where they are known; absent: anything. */
  types?: { object: CelType; params: CelType };
}

/** By the names that expressions use. */
export type AdmissionValues = Readonly<Record<string, CelValue | undefined>>;

export interface AdmissionExpression {
  readonly text: string;
  readonly type: CelType;
  /** Throws EvaluationError, and CostExceeded when `budget` does not suffice. */
  run(values: AdmissionValues, budget: number): ReturnType<Program['run']>;
}

/**
 * `returns`: names of the types it may have; null: any. Never throws: `problem` says why the text cannot be used, as
 * clients see it.
 */
export function compileAdmission(
  text: string,
  { params, authorizer, variables, patches, types }: Declared,
  returns: readonly string[] | null,
): { expression: AdmissionExpression } | { problem: string } {
  const declared: Record<string, CelType> = {
    object: types?.object ?? DYN,
    oldObject: types?.object ?? DYN,
    namespaceObject: NAMESPACE,
    request: REQUEST,
    ...(params ? { params: types?.params ?? DYN } : {}),
    ...(authorizer ? { authorizer: AUTHORIZER, 'authorizer.requestResource': RESOURCE_CHECK } : {}),
    ...(variables === null ? {} : { variables: { kind: 'object', name: 'kubernetes.variables', fields: variables } }),
  };
  const outcome = compileExpression(text, declared, patches === true ? patchMessage : undefined);
  if ('problem' in outcome) return { problem: `compilation failed: ${outcome.problem}` };
  const { program } = outcome;
  if (returns !== null && !returns.includes(program.type)) {
    const shown = (name: string): string => name.replace(/\bnull\b/g, 'null_type');
    const names = returns.map(shown);
    const wanted = names.length === 1 ? names[0] : `one of [${names.join(' ')}]`;
    return { problem: `must evaluate to ${wanted} but got ${shown(program.type)}` };
  }
  const names = Object.keys(declared);
  return {
    expression: {
      text,
      type: program.celType,
      run: (values, budget) =>
        program.run(
          names.map((name) => values[name]),
          budget,
        ),
    },
  };
}

/** A condition under which a webhook or a policy is asked. */
export function compileCondition(
  text: string,
  declared: Declared = { params: false, authorizer: true, variables: null },
): ReturnType<typeof compileAdmission> {
  return compileAdmission(text, declared, ['bool']);
}
