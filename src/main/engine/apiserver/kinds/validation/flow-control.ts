/**
 * Flow schemas and priority levels. Source: API reference flowcontrol.apiserver.k8s.io/v1; texts of the server's validation.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { CATCH_ALL_LEVEL, EXEMPT_LEVEL, mandatorySchema } from '../../bootstrap/flow-control.ts';
import { shown } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import {
  duplicate,
  eachAt,
  forbiddenField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
  sameJson,
} from './field.ts';
import { labelName, subdomainName } from './meta.ts';

const LEVEL = 'flowcontrol.PriorityLevelConfigurationSpec';
const MOST_PRECEDENCE = 10_000;
const METHODS = ['ByNamespace', 'ByUser'];
const VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'proxy', 'update', 'watch'];

export function validateFlowSchema(object: KubeObject, _old: KubeObject | null, subresource = ''): FieldError[] {
  if (subresource === 'status') return validateConditions(object.status);
  const name = object.metadata.name ?? '';
  const spec = object.spec ?? {};
  const errors = validateSchemaSpec(name, spec);
  const fixed = mandatorySchema(name);
  if (fixed !== undefined && !sameJson(spec, fixed))
    errors.push(
      invalidValue('spec', shown('flowcontrol.FlowSchemaSpec', spec), `spec of '${name}' must equal the fixed value`),
    );
  return [...errors, ...validateConditions(object.status)];
}

function validateSchemaSpec(name: string, spec: Json): FieldError[] {
  const { matchingPrecedence: precedence = 0, distinguisherMethod, priorityLevelConfiguration, rules } = spec;
  const errors: FieldError[] = [];
  const wrong = (text: string) => errors.push(invalidValue('spec.matchingPrecedence', precedence, text));
  if (precedence <= 0) wrong('must be a positive value');
  if (precedence > MOST_PRECEDENCE) wrong(`must not be greater than ${MOST_PRECEDENCE}`);
  if (precedence === 1 && name !== 'exempt') wrong("only the schema named 'exempt' may have matchingPrecedence 1");
  if (distinguisherMethod && !METHODS.includes(distinguisherMethod.type))
    errors.push(notSupported('spec.distinguisherMethod.type', { Type: distinguisherMethod.type ?? '' }, METHODS));
  const level: string = priorityLevelConfiguration?.name ?? '';
  const at = 'spec.priorityLevelConfiguration.name';
  if (level === '') errors.push(required(at, 'must reference a priority level'));
  else errors.push(...invalidAll(at, level, subdomainName(level)));
  return [...errors, ...eachAt(rules, 'spec.rules', validatePolicyRules)];
}

function validatePolicyRules(rule: Json, at: string): FieldError[] {
  const subjects: Json[] = rule.subjects ?? [];
  const { resourceRules, nonResourceRules } = rule;
  const errors = eachAt(subjects, `${at}.subjects`, validateSubject);
  if (subjects.length === 0) errors.push(required(`${at}.subjects`, 'subjects must contain at least one value'));
  if (!(resourceRules?.length > 0) && !(nonResourceRules?.length > 0))
    errors.push(required(at, 'at least one of resourceRules and nonResourceRules has to be non-empty'));
  return [
    ...errors,
    ...eachAt(resourceRules, `${at}.resourceRules`, validateResourceRule),
    ...eachAt(nonResourceRules, `${at}.nonResourceRules`, validatePathRule),
  ];
}

/** Kind of a subject, and the field that says who it is. */
const SUBJECTS: readonly (readonly [kind: string, field: string])[] = [
  ['ServiceAccount', 'serviceAccount'],
  ['User', 'user'],
  ['Group', 'group'],
];

function validateSubject(subject: Json, at: string): FieldError[] {
  const { kind = '' } = subject;
  const own = SUBJECTS.find(([name]) => name === kind);
  if (own === undefined) return [notSupported(`${at}.kind`, kind, ['Group', 'ServiceAccount', 'User'])];
  const [, field] = own;
  const errors = validateWho(subject[field], kind, field, `${at}.${field}`);
  for (const [name, other] of SUBJECTS)
    if (name !== kind && subject[other])
      errors.push(forbiddenField(`${at}.${other}`, `${other} is forbidden when subject kind is not '${name}'`));
  return errors;
}

function validateWho(who: Json, kind: string, field: string, at: string): FieldError[] {
  if (!who) return [required(at, `${field} is required when subject kind is '${kind}'`)];
  const { name = '', namespace = '' } = who;
  const errors = name === '' ? [required(`${at}.name`)] : [];
  if (kind !== 'ServiceAccount') return errors;
  if (name !== '' && name !== '*') errors.push(...invalidAll(`${at}.name`, name, subdomainName(name)));
  if (namespace === '') errors.push(required(`${at}.namespace`, 'must specify namespace for service account'));
  return namespace === '' ? errors : [...errors, ...invalidAll(`${at}.namespace`, namespace, labelName(namespace))];
}

function validateVerbs(verbs: string[], at: string): FieldError[] {
  if (verbs.length === 0) return [required(at, 'verbs must contain at least one value')];
  if (verbs.includes('*')) return validateAlone(verbs, at, 'verbs');
  return verbs.every((verb) => VERBS.includes(verb)) ? [] : [notSupported(at, verbs, VERBS)];
}

/** What stands for everything stands alone. */
function validateAlone(values: string[], at: string, what: string): FieldError[] {
  if (values.length <= 1 || !values.includes('*')) return [];
  return [invalidValue(at, values, `if '*' is present, must not specify other ${what}`)];
}

function validateResourceRule(rule: Json, at: string): FieldError[] {
  const [apiGroups, resources]: [string[], string[]] = [rule.apiGroups ?? [], rule.resources ?? []];
  const namespaces: string[] = rule.namespaces ?? [];
  const errors = validateVerbs(rule.verbs ?? [], `${at}.verbs`);
  if (apiGroups.length === 0)
    errors.push(required(`${at}.apiGroups`, 'resource rules must supply at least one api group'));
  errors.push(...validateAlone(apiGroups, `${at}.apiGroups`, 'api groups'));
  if (resources.length === 0)
    errors.push(required(`${at}.resources`, 'resource rules must supply at least one resource'));
  errors.push(...validateAlone(resources, `${at}.resources`, 'resources'));
  const where = `${at}.namespaces`;
  if (namespaces.length === 0 && rule.clusterScope !== true) {
    const text = 'resource rules that are not cluster scoped must supply at least one namespace';
    return [...errors, required(where, text)];
  }
  if (namespaces.includes('*')) return [...errors, ...validateAlone(namespaces, where, 'namespaces')];
  const intro = "each member of this list must be '*' or a DNS-1123 label; ";
  return [
    ...errors,
    ...eachAt(namespaces, where, (name: string, place) =>
      invalidAll(
        place,
        name,
        labelName(name).map((complaint) => `${intro}${complaint}`),
      ),
    ),
  ];
}

function validatePathRule(rule: Json, at: string): FieldError[] {
  const paths: string[] = rule.nonResourceURLs ?? [];
  const errors = validateVerbs(rule.verbs ?? [], `${at}.verbs`);
  const where = `${at}.nonResourceURLs`;
  if (paths.length === 0) return [...errors, required(where, 'nonResourceURLs must contain at least one value')];
  if (paths.includes('*')) return [...errors, ...validateAlone(paths, where, 'non-resource URLs')];
  return [
    ...errors,
    ...eachAt(paths, where, (path: string, place) => {
      const problem = pathProblem(path);
      return problem === null ? [] : [invalidValue(place, path, problem)];
    }),
  ];
}

function pathProblem(path: string): string | null {
  if (path === '') return 'must not be empty';
  if (path === '/') return null;
  if (!path.startsWith('/')) return 'must start with slash';
  if (path.includes(' ')) return 'must not contain white-space';
  if (path.includes('//')) return 'must not contain double slash';
  const stars = path.split('*').length - 1;
  return stars > 1 || (stars === 1 && !path.endsWith('/*')) ? 'wildcard can only do suffix matching' : null;
}

function validateConditions(status: Json): FieldError[] {
  const seen = new Set<string>();
  return eachAt(status?.conditions, 'status.conditions', ({ type = '' }, at) => {
    const errors = seen.has(type) ? [duplicate(`${at}.type`, type)] : [];
    seen.add(type);
    return type === '' ? [...errors, required(`${at}.type`)] : errors;
  });
}

const ZERO_SHARES = 'flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares';

export function validatePriorityLevel(object: KubeObject, _old: KubeObject | null, subresource = ''): FieldError[] {
  if (subresource === 'status') return validateConditions(object.status);
  const { name = '', annotations } = object.metadata;
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if (annotations?.[ZERO_SHARES] !== undefined)
    errors.push(forbiddenField('metadata.annotations', `annotation '${ZERO_SHARES}' is forbidden`));
  return [
    ...errors,
    ...validateLevelSpec(name, spec),
    ...validateMandatoryLevel(name, spec),
    ...validateConditions(object.status),
  ];
}

function validateMandatoryLevel(name: string, spec: Json): FieldError[] {
  if (name === 'catch-all' && !sameJson(spec, CATCH_ALL_LEVEL))
    return [invalidValue('spec', shown(LEVEL, spec), `spec of '${name}' must equal the fixed value`)];
  // What those share who are not limited is an administrator's to say.
  if (name === 'exempt' && !sameJson({ ...spec, exempt: EXEMPT_LEVEL.exempt }, EXEMPT_LEVEL)) {
    const text = `spec of '${name}' except the 'spec.exempt' field must equal the fixed value`;
    return [invalidValue('spec', shown(LEVEL, spec), text)];
  }
  return [];
}

function validateLevelSpec(name: string, spec: Json): FieldError[] {
  const { type = '', limited, exempt } = spec;
  const errors: FieldError[] = [];
  if ((name === 'exempt') !== (type === 'Exempt'))
    errors.push(invalidValue('spec.type', type, "must be 'Exempt' if and only if `name` is 'exempt'"));
  if (type === 'Exempt') {
    if (limited) errors.push(forbiddenField('spec.limited', 'must be nil if the type is not Limited'));
    if (exempt) errors.push(...validateShares(exempt, 'spec.exempt'), ...validateLendable(exempt, 'spec.exempt'));
  } else if (type === 'Limited') {
    if (exempt) errors.push(forbiddenField('spec.exempt', 'must be nil if the type is Limited'));
    if (limited) errors.push(...validateLimited(limited, 'spec.limited'));
    else errors.push(required('spec.limited', 'must not be empty when type is Limited'));
  } else errors.push(notSupported('spec.type', type, ['Exempt', 'Limited']));
  return errors;
}

function validateShares({ nominalConcurrencyShares: shares }: Json, at: string): FieldError[] {
  return shares < 0 ? [invalidValue(`${at}.nominalConcurrencyShares`, shares, 'must be a non-negative integer')] : [];
}

function validateLendable({ lendablePercent: lent }: Json, at: string): FieldError[] {
  if (lent === undefined || (lent >= 0 && lent <= 100)) return [];
  return [invalidValue(`${at}.lendablePercent`, lent, 'must be between 0 and 100, inclusive')];
}

function validateLimited(limited: Json, at: string): FieldError[] {
  const errors = [
    ...validateShares(limited, at),
    ...validateResponse(limited.limitResponse ?? {}, `${at}.limitResponse`),
    ...validateLendable(limited, at),
  ];
  const borrowed = limited.borrowingLimitPercent;
  if (borrowed < 0)
    errors.push(invalidValue(`${at}.borrowingLimitPercent`, borrowed, 'if specified, must be a non-negative integer'));
  return errors;
}

function validateResponse({ type = '', queuing }: Json, at: string): FieldError[] {
  if (type === 'Reject')
    return queuing ? [forbiddenField(`${at}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : [];
  if (type !== 'Queue') return [notSupported(`${at}.type`, type, ['Queue', 'Reject'])];
  if (queuing) return validateQueuing(queuing, `${at}.queuing`);
  return [required(`${at}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')];
}

const MOST_QUEUES = 10_000_000;
/** Which queues a flow is dealt is read from the bits of a hash. */
const HASH_BITS = 60;

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit = 0 }: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (queueLengthLimit <= 0) errors.push(invalidValue(`${at}.queueLengthLimit`, queueLengthLimit, 'must be positive'));
  if (queues <= 0) errors.push(invalidValue(`${at}.queues`, queues, 'must be positive'));
  else if (queues > MOST_QUEUES)
    errors.push(invalidValue(`${at}.queues`, queues, `must not be greater than ${MOST_QUEUES}`));
  const problem = handProblem(queues, handSize);
  return problem === null ? errors : [...errors, invalidValue(`${at}.handSize`, handSize, problem)];
}

function handProblem(queues: number, hand: number): string | null {
  if (hand <= 0) return 'must be positive';
  if (hand > queues) return `should not be greater than queues (${queues})`;
  if (Math.ceil(Math.log2(queues) * hand) <= HASH_BITS) return null;
  return `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${HASH_BITS}`;
}
