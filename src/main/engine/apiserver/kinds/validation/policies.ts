/** Admission policies and their bindings. Source: API reference, admissionregistration.k8s.io/v1; its validation's texts. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { compileAdmission, type Declared } from '../../cel/admission.ts';
import { PATCH_TYPES } from '../../cel/messages.ts';
import { type CelType, DYN } from '../../cel/types.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, eachAt, forbiddenField, invalidAll, invalidValue, notSupported, required } from './field.ts';
import { label1035Name, pathSegmentName, qualifiedName, subdomainName } from './meta.ts';
import { validateSelector } from './selector.ts';
import { validateMatchConditions, validateRule } from './webhooks.ts';

const FAILURE_POLICIES = ['Fail', 'Ignore'];
const MATCH_POLICIES = ['Equivalent', 'Exact'];
const REASONS = ['Forbidden', 'Invalid', 'RequestEntityTooLarge'];
const ACTIONS = ['Audit', 'Deny', 'Warn'];
const MAX_ANNOTATIONS = 20;
const MAX_VALUE_EXPRESSION = 5 * 1024;
const IDENTIFIER = /^[_a-zA-Z][_a-zA-Z0-9]*$/;
const RESERVED = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** What all policies say. Returns what expressions after the variables may look at, too; `composed`: at variables though there are none. */
function validateCommon(object: KubeObject, composed = false): { errors: FieldError[]; declared: Declared } {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  if (!FAILURE_POLICIES.includes(spec.failurePolicy))
    errors.push(notSupported('spec.failurePolicy', spec.failurePolicy ?? '', FAILURE_POLICIES));
  if (spec.paramKind) errors.push(...validateParamKind(spec.paramKind, 'spec.paramKind'));
  if (!spec.matchConstraints) errors.push(required('spec.matchConstraints'));
  else {
    errors.push(...validateMatchResources(spec.matchConstraints, 'spec.matchConstraints'));
    if ((spec.matchConstraints.resourceRules ?? []).length === 0)
      errors.push(required('spec.matchConstraints.resourceRules'));
  }
  const base = { params: Boolean(spec.paramKind), authorizer: true };
  errors.push(
    ...validateMatchConditions(spec.matchConditions ?? [], 'spec.matchConditions', { ...base, variables: null }),
  );
  const types = new Map<string, CelType>();
  const variables: Json[] = spec.variables ?? [];
  errors.push(
    ...eachAt(variables, 'spec.variables', (variable, at) => {
      const found: FieldError[] = [];
      const name: string = variable.name ?? '';
      if (name.trim() === '') found.push(required(`${at}.name`, 'name is not specified'));
      else if (!IDENTIFIER.test(name) || RESERVED.has(name))
        found.push(invalidValue(`${at}.name`, name, 'must be a valid CEL identifier'));
      const text: string = variable.expression ?? '';
      if (text.trim() === '') return [...found, required(`${at}.expression`, 'expression is not specified')];
      const outcome = compileAdmission(text, { ...base, variables: new Map(types) }, null);
      if ('problem' in outcome) found.push(invalidValue(`${at}.expression`, text, outcome.problem));
      types.set(name, 'expression' in outcome ? outcome.expression.type : DYN);
      return found;
    }),
  );
  return { errors, declared: { ...base, variables: composed || variables.length > 0 ? types : null } };
}

function validateParamKind({ apiVersion = '', kind = '' }: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const parts = String(apiVersion).split('/');
  if (apiVersion === '') errors.push(required(`${at}.apiVersion`));
  else if (parts.length > 2)
    errors.push(invalidValue(`${at}.apiVersion`, apiVersion, `unexpected GroupVersion string: ${apiVersion}`));
  else {
    const [group, version] = parts.length === 2 ? [parts[0]!, parts[1]!] : ['', parts[0]!];
    const complaints = group === '' ? [] : subdomainName(group);
    if (complaints.length > 0) errors.push(invalidValue(`${at}.apiVersion`, group, complaints.join(',')));
    if (version === '') errors.push(invalidValue(`${at}.apiVersion`, apiVersion, 'version must be specified'));
    else if (label1035Name(version).length > 0)
      errors.push(invalidValue(`${at}.apiVersion`, version, label1035Name(version).join(',')));
  }
  if (kind === '') errors.push(required(`${at}.kind`));
  else if (label1035Name(kind.toLowerCase()).length > 0) {
    const text = label1035Name(kind.toLowerCase()).join(',');
    errors.push(invalidValue(`${at}.kind`, kind, `may have mixed case, but should otherwise match: ${text}`));
  }
  return errors;
}

/** What a policy or binding matches. */
function validateMatchResources(match: Json, at: string): FieldError[] {
  if (!match) return [];
  const { matchPolicy, namespaceSelector, objectSelector } = match;
  return [
    ...(MATCH_POLICIES.includes(matchPolicy) ? [] : [notSupported(`${at}.matchPolicy`, matchPolicy, MATCH_POLICIES)]),
    ...validateSelector(namespaceSelector, `${at}.namespaceSelector`),
    ...validateSelector(objectSelector, `${at}.objectSelector`),
    ...eachAt(match.resourceRules, `${at}.resourceRules`, validateNamedRule),
    ...eachAt(match.excludeResourceRules, `${at}.excludeResourceRules`, validateNamedRule),
  ];
}

function validateNamedRule(rule: Json, at: string): FieldError[] {
  const names: string[] = rule.resourceNames ?? [];
  const errors = names.flatMap((name, index) => [
    ...invalidAll(`${at}.resourceNames[${index}]`, name, pathSegmentName(name)),
    ...(names.indexOf(name) < index ? [duplicate(`${at}.resourceNames[${index}]`, name)] : []),
  ]);
  return [...errors, ...validateRule(rule, at)];
}

export function validateValidatingPolicy(object: KubeObject): FieldError[] {
  const { errors, declared } = validateCommon(object);
  const { validations = [], auditAnnotations = [] } = object.spec ?? {};
  if (validations.length + auditAnnotations.length === 0) {
    const detail = 'validations or auditAnnotations must contain at least one item';
    return [...errors, required('spec.validations', detail), required('spec.auditAnnotations', detail)];
  }
  errors.push(...eachAt(validations, 'spec.validations', (each, at) => validateValidation(each, at, declared)));
  if (auditAnnotations.length > MAX_ANNOTATIONS)
    errors.push(
      invalidValue(
        'spec.auditAnnotations',
        auditAnnotations,
        `must not have more than ${MAX_ANNOTATIONS} auditAnnotations`,
      ),
    );
  const seen = new Set<string>();
  errors.push(
    ...eachAt(auditAnnotations, 'spec.auditAnnotations', (each, at) => {
      const key: string = each.key ?? '';
      const again = seen.has(key) ? [duplicate(`${at}.key`, key)] : [];
      seen.add(key);
      return [...validateAnnotation(object.metadata.name ?? '', each, at, declared), ...again];
    }),
  );
  return errors;
}

function validateValidation(validation: Json, at: string, declared: Declared): FieldError[] {
  const errors: FieldError[] = [];
  const { expression = '', message = '', messageExpression = '', reason } = validation;
  if (expression.trim() === '') errors.push(required(`${at}.expression`, 'expression is not specified'));
  else errors.push(...validateExpression(expression, `${at}.expression`, declared, ['bool']));
  if (messageExpression !== '' && messageExpression.trim() === '')
    errors.push(invalidValue(`${at}.messageExpression`, messageExpression, 'must be non-empty if specified'));
  else if (messageExpression !== '') {
    const silent = { ...declared, authorizer: false };
    errors.push(...validateExpression(messageExpression, `${at}.messageExpression`, silent, ['string']));
  }
  if (message !== '' && message.trim() === '')
    errors.push(invalidValue(`${at}.message`, message, 'must be non-empty if specified'));
  else if (/[\n\r]/.test(message.trim()))
    errors.push(invalidValue(`${at}.message`, message, 'must not contain line breaks'));
  if (reason !== undefined && !REASONS.includes(reason)) errors.push(notSupported(`${at}.reason`, reason, REASONS));
  return errors;
}

function validateAnnotation(policy: string, annotation: Json, at: string, declared: Declared): FieldError[] {
  const { key = '', valueExpression = '' } = annotation;
  const errors =
    policy === ''
      ? [invalidValue(`${at}.key`, key, 'requires metadata.name be non-empty')]
      : invalidAll(`${at}.key`, `${policy}/${key}`, qualifiedName(`${policy}/${key}`));
  const text = valueExpression.trim();
  const where = `${at}.valueExpression`;
  if (text === '') return [...errors, required(where, 'valueExpression is not specified')];
  if (text.length > MAX_VALUE_EXPRESSION)
    return [...errors, required(where, `must not exceed ${MAX_VALUE_EXPRESSION} bytes in length`)];
  return [...errors, ...validateExpression(text, where, declared, ['string', 'null'])];
}

function validateExpression(text: string, at: string, declared: Declared, returns: readonly string[]): FieldError[] {
  const outcome = compileAdmission(text, declared, returns);
  return 'problem' in outcome ? [invalidValue(at, text, outcome.problem)] : [];
}

const REINVOCATION = ['IfNeeded', 'Never'];
/** Nothing is left to change about what is deleted. */
const MUTABLE_OPERATIONS = ['*', 'CONNECT', 'CREATE', 'UPDATE'];

export function validateMutatingPolicy(object: KubeObject): FieldError[] {
  const { errors, declared } = validateCommon(object, true);
  const { mutations = [], reinvocationPolicy = '', matchConstraints } = object.spec ?? {};
  errors.push(...validateMutable(matchConstraints, 'spec.matchConstraints'));
  if (mutations.length === 0) errors.push(required('spec.mutations', 'mutations must contain at least one item'));
  errors.push(...eachAt(mutations, 'spec.mutations', (mutation, at) => validateMutation(mutation, at, declared)));
  if (reinvocationPolicy === '') errors.push(required('spec.reinvocationPolicy'));
  else if (!REINVOCATION.includes(reinvocationPolicy))
    errors.push(notSupported('spec.reinvocationPolicy', reinvocationPolicy, REINVOCATION));
  return errors;
}

/** Source: the real server names no index here. */
function validateMutable(match: Json, at: string): FieldError[] {
  const operations: string[] = (match?.resourceRules ?? []).flatMap((rule: Json) => rule?.operations ?? []);
  return operations
    .filter((operation) => !MUTABLE_OPERATIONS.includes(operation))
    .map((operation) => notSupported(`${at}.resourceRules.operations`, operation, MUTABLE_OPERATIONS));
}

function validateMutation(mutation: Json, at: string, declared: Declared): FieldError[] {
  const { patchType = '' } = mutation;
  if (patchType === '') return [required(`${at}.patchType`)];
  const patch = PATCH_TYPES.get(patchType);
  if (patch === undefined) return [notSupported(`${at}.patchType`, patchType, [...PATCH_TYPES.keys()])];
  const errors: FieldError[] = [];
  const { field, returns } = patch;
  const text = String(mutation[field]?.expression ?? '').trim();
  const where = `${at}.${field}.expression`;
  if (!mutation[field]) errors.push(required(`${at}.${field}`, `must be specified when patchType is ${patchType}`));
  else if (text === '') errors.push(required(where));
  else errors.push(...validateExpression(text, where, { ...declared, patches: true }, [returns]));
  for (const { field: other } of PATCH_TYPES.values())
    if (other !== field && mutation[other])
      errors.push(invalidValue(`${at}.${other}`, `{${other}}`, `must not be specified when patchType is ${patchType}`));
  return errors;
}

/** Bindings of validating policies say what they do; those of mutating ones (`mutates`) do nothing but that. */
export function validateBinding(object: KubeObject, mutates: boolean): FieldError[] {
  const spec = object.spec ?? {};
  const errors = spec.policyName
    ? invalidAll('spec.policyName', spec.policyName, subdomainName(spec.policyName))
    : [required('spec.policyName')];
  errors.push(
    ...validateParamRef(spec.paramRef, 'spec.paramRef'),
    ...validateMatchResources(spec.matchResources, 'spec.matchResources'),
  );
  return [
    ...errors,
    ...(mutates
      ? validateMutable(spec.matchResources, 'spec.matchResources')
      : validateActions(spec.validationActions ?? [])),
  ];
}

function validateActions(actions: string[]): FieldError[] {
  const at = 'spec.validationActions';
  const errors = actions.flatMap((action, index) => [
    ...(ACTIONS.includes(action) ? [] : [notSupported(`${at}[${index}]`, action, ACTIONS)]),
    ...(actions.indexOf(action) < index ? [duplicate(`${at}[${index}]`, action)] : []),
  ]);
  if (actions.includes('Deny') && actions.includes('Warn')) {
    const detail =
      'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)';
    errors.push(invalidValue(at, actions, detail));
  }
  if (actions.length === 0) errors.push(required(at, 'at least one validation action is required'));
  return errors;
}

/** Parameters of a policy, as a binding names them. */
function validateParamRef(ref: Json, at: string): FieldError[] {
  if (!ref) return [];
  const errors = ref.name ? invalidAll(`${at}.name`, ref.name, pathSegmentName(ref.name)) : [];
  const exclusive = 'name and selector are mutually exclusive';
  if (ref.name && ref.selector) errors.push(forbiddenField(`${at}.name`, exclusive));
  if (ref.selector) errors.push(...validateSelector(ref.selector, `${at}.selector`));
  if (ref.name && ref.selector) errors.push(forbiddenField(`${at}.selector`, exclusive));
  if (!ref.name && !ref.selector) errors.push(required(at, 'one of name or selector must be specified'));
  if (!ref.parameterNotFoundAction) errors.push(required(`${at}.parameterNotFoundAction`));
  else if (!['Allow', 'Deny'].includes(ref.parameterNotFoundAction))
    errors.push(notSupported(`${at}.parameterNotFoundAction`, ref.parameterNotFoundAction, ['Deny', 'Allow']));
  return errors;
}
