/**
 * Conditions about a request that is being admitted: `object` and `oldObject` without a schema, `request` as AdmissionReview
 * describes it. Source: "Dynamic Admission Control", matchConditions; texts of the API server's compiler. `authorizer` is
 * not available: a condition that uses it does not compile.
 */
import { compileExpression, type Program } from './index.ts';
import { BOOL, type CelType, DYN, list, map, STRING } from './types.ts';

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
const AUTHORIZER: CelType = { kind: 'opaque', name: 'kubernetes.authorization.Authorizer' };

/** Values are given to the program in this order; `authorizer` is declared to be refused by its name. */
const VARIABLES = { object: DYN, oldObject: DYN, request: REQUEST, authorizer: AUTHORIZER };

/** Never throws: `problem` says why the text is no condition, as clients see it. */
export function compileCondition(expression: string): { program: Program } | { problem: string } {
  const outcome = compileExpression(expression, VARIABLES);
  const used = 'program' in outcome ? outcome.program.used : outcome.used;
  if (used.has('authorizer'))
    return {
      problem:
        "compilation failed: 'authorizer' is not available in this server: conditions can use object, oldObject and request",
    };
  if ('problem' in outcome) return { problem: `compilation failed: ${outcome.problem}` };
  return outcome.program.type === 'bool' ? outcome : { problem: 'must evaluate to bool' };
}
