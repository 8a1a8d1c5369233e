/** Who may do what: `authorizer.group('apps').resource('deployments').check('create').allowed()`. Source: KEP-3488, authz library. */
import { labelName, subdomainName } from '../../kinds/validation/meta.ts';
import { BOOL, type CelType, STRING } from '../types.ts';
import { EvaluationError, Opaque } from '../values.ts';
import { method, type Overload } from './overload.ts';

const opaque = (name: string): CelType & { kind: 'opaque' } => ({
  kind: 'opaque',
  name: `kubernetes.authorization.${name}`,
});

export const AUTHORIZER = opaque('Authorizer');
export const RESOURCE_CHECK = opaque('ResourceCheck');
const PATH_CHECK = opaque('PathCheck');
const GROUP_CHECK = opaque('GroupCheck');
const DECISION = opaque('Decision');

/** A question about one resource; an empty name or namespace: all of them. */
export interface ResourceQuestion {
  group: string;
  version: string;
  resource: string;
  subresource: string;
  namespace: string;
  name: string;
}

/** What an authorizer of expressions asks. */
export interface Judge {
  resource(verb: string, question: ResourceQuestion): { allowed: boolean; reason: string };
  path(verb: string, path: string): { allowed: boolean; reason: string };
  /** The same for a service account. */
  as(namespace: string, name: string): Judge;
}

interface Check {
  judge: Judge;
  question: ResourceQuestion;
}

/** Source: apiserver, cost of an authorization check. */
const CHECK_COST = 350_000;

export const authorizerValue = (judge: Judge): Opaque<Judge> => new Opaque(AUTHORIZER.name, judge, '');
export const resourceCheck = (judge: Judge, question: ResourceQuestion): Opaque<Check> =>
  new Opaque(RESOURCE_CHECK.name, { judge, question }, '');

function notEmpty(what: string, text: string): string {
  if (text.trim() === '') throw new EvaluationError(`${what} must not be empty`);
  return text;
}

const narrowed = (field: keyof ResourceQuestion): Overload =>
  method([RESOURCE_CHECK, STRING], RESOURCE_CHECK, ({ value }: Opaque<Check>, text: string) =>
    resourceCheck(value.judge, { ...value.question, [field]: text }),
  );
/** Selectors do not narrow what role-based rules allow. */
const unchanged = method([RESOURCE_CHECK, STRING], RESOURCE_CHECK, (check: Opaque<Check>) => check);
const cost = () => CHECK_COST;

export const authorizer: Record<string, readonly Overload[]> = {
  path: [
    method(
      [AUTHORIZER, STRING],
      PATH_CHECK,
      ({ value }: Opaque<Judge>, path: string) =>
        new Opaque(PATH_CHECK.name, { judge: value, path: notEmpty('path', path) }, ''),
    ),
  ],
  group: [
    method(
      [AUTHORIZER, STRING],
      GROUP_CHECK,
      ({ value }: Opaque<Judge>, group: string) => new Opaque(GROUP_CHECK.name, { judge: value, group }, ''),
    ),
  ],
  serviceAccount: [
    method([AUTHORIZER, STRING, STRING], AUTHORIZER, ({ value }: Opaque<Judge>, namespace: string, name: string) => {
      if (subdomainName(name).length > 0) throw new EvaluationError('Invalid service account name');
      if (labelName(namespace).length > 0) throw new EvaluationError('Invalid service account namespace');
      return authorizerValue(value.as(namespace, name));
    }),
  ],
  resource: [
    method(
      [GROUP_CHECK, STRING],
      RESOURCE_CHECK,
      ({ value: { judge, group } }: Opaque<{ judge: Judge; group: string }>, resource: string) => {
        const rest = { version: '*', subresource: '', namespace: '', name: '' };
        return resourceCheck(judge, { group, resource: notEmpty('resource', resource), ...rest });
      },
    ),
  ],
  subresource: [narrowed('subresource')],
  namespace: [narrowed('namespace')],
  name: [narrowed('name')],
  fieldSelector: [unchanged],
  labelSelector: [unchanged],
  check: [
    method(
      [PATH_CHECK, STRING],
      DECISION,
      ({ value: { judge, path } }: Opaque<{ judge: Judge; path: string }>, verb: string) =>
        new Opaque(DECISION.name, judge.path(verb, path), ''),
      cost,
    ),
    method(
      [RESOURCE_CHECK, STRING],
      DECISION,
      ({ value: { judge, question } }: Opaque<Check>, verb: string) =>
        new Opaque(DECISION.name, judge.resource(verb, question), ''),
      cost,
    ),
  ],
  allowed: [method([DECISION], BOOL, ({ value }: Opaque<{ allowed: boolean }>) => value.allowed)],
  reason: [method([DECISION], STRING, ({ value }: Opaque<{ reason: string }>) => value.reason)],
  errored: [method([DECISION], BOOL, () => false)],
  error: [method([DECISION], STRING, () => '')],
};
