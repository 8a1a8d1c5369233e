/** Rules of webhook configurations and of admission policies: what calls match. Source: API reference admissionregistration.k8s.io/v1. */
import type { Json } from '#shared/kubernetes/types.ts';
import { compileCondition, type Declared } from '../../cel/admission.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, eachAt, invalidAll, invalidValue, notSupported, required, sameJson, tooMany } from './field.ts';
import { label1035Name, qualifiedName, subdomainName } from './meta.ts';
import { validateSelector } from './selector.ts';

const OPERATIONS = ['*', 'CREATE', 'UPDATE', 'DELETE', 'CONNECT'];
const REVIEWS = ['v1', 'v1beta1'];
const MAX_CONDITIONS = 64;
/** As Go's net/url splits an address; what has no scheme is a path. */
const URL_PARTS =
  /^(?:(?<scheme>[a-z][a-z0-9+.-]*):)?(?:\/\/(?<authority>[^/?#]*))?[^?#]*(?:\?(?<query>[^#]*))?(?:#(?<fragment>.*))?$/i;

/** One of the `rules` of a webhook or of the `resourceRules` of a policy. */
export function validateRule(rule: Json, at: string): FieldError[] {
  const list = (field: string): string[] => rule[field] ?? [];
  const errors = validateList(list('operations'), `${at}.operations`, 'operations');
  list('operations').forEach((operation, index) => {
    if (!OPERATIONS.includes(operation))
      errors.push(notSupported(`${at}.operations[${index}]`, operation, [...OPERATIONS].sort()));
  });
  errors.push(...validateList(list('apiGroups'), `${at}.apiGroups`, 'API groups'));
  errors.push(...validateList(list('apiVersions'), `${at}.apiVersions`, 'API versions'));
  list('apiVersions').forEach((version, index) => {
    if (version === '') errors.push(required(`${at}.apiVersions[${index}]`));
  });
  errors.push(...validateResources(list('resources'), `${at}.resources`));
  if (rule.scope !== undefined && !['Cluster', 'Namespaced', '*'].includes(rule.scope))
    errors.push(notSupported(`${at}.scope`, rule.scope, ['*', 'Cluster', 'Namespaced']));
  return errors;
}

function validateList(values: string[], at: string, what: string): FieldError[] {
  if (values.length === 0) return [required(at)];
  if (values.length === 1 || !values.includes('*')) return [];
  return [invalidValue(at, values, `if '*' is present, must not specify other ${what}`)];
}

/** Entries `resource`, `resource/subresource` and wild ones, of which none may be covered by one before it. */
function validateResources(resources: string[], at: string): FieldError[] {
  if (resources.length === 0) return [required(at)];
  const errors: FieldError[] = [];
  const wide = new Set<string>();
  resources.forEach((entry, index) => {
    if (entry === '') errors.push(required(`${at}[${index}]`));
    const [resource = '', subresource] = entry.split(/\/([\s\S]*)/);
    if (subresource === undefined) return;
    for (const covering of [`${resource}/*`, `*/${subresource}`])
      if (wide.has(covering))
        errors.push(invalidValue(`${at}[${index}]`, entry, `if '${covering}' is present, must not specify ${entry}`));
    if (subresource === '*' || resource === '*') wide.add(entry);
  });
  if (resources.length > 1 && resources.includes('*/*'))
    errors.push(invalidValue(at, resources, "if '*/*' is present, must not specify other resources"));
  // The last of those without a slash decides.
  const last = resources.findLast((entry) => entry !== '' && !entry.includes('/'));
  if (resources.includes('*') && last !== undefined && last !== '*')
    errors.push(
      invalidValue(at, resources, "if '*' is present, must not specify other resources without subresources"),
    );
  return errors;
}

/** The webhooks of a configuration; `mutating` ones may be asked again. `old`: null for a new configuration. */
export function validateWebhooks(webhooks: Json[], old: Json[] | null, mutating: boolean): FieldError[] {
  const conditionsOf = (hooks: Json[]) => hooks.map((webhook) => webhook.matchConditions ?? []);
  // Conditions that stay as they are do not stand in the way of an update.
  const known = old !== null && sameJson(conditionsOf(webhooks), conditionsOf(old));
  const seen = new Set<string>();
  return webhooks.flatMap((webhook, index) => {
    const at = `webhooks[${index}]`;
    const errors = validateWebhook(webhook, at, mutating, known);
    if (webhook.name && seen.has(webhook.name)) errors.push(duplicate(`${at}.name`, webhook.name));
    seen.add(webhook.name);
    return errors;
  });
}

function validateWebhook(webhook: Json, at: string, mutating: boolean, conditionsKnown: boolean): FieldError[] {
  const errors: FieldError[] = [];
  const name: string = webhook.name ?? '';
  if (name === '') errors.push(required(`${at}.name`));
  else for (const text of subdomainName(name)) errors.push(invalidValue(`${at}.name`, name, text));
  if (subdomainName(name).length === 0 && name.split('.').length < 3)
    errors.push(invalidValue(`${at}.name`, name, 'should be a domain with at least three segments separated by dots'));
  errors.push(...eachAt(webhook.rules, `${at}.rules`, validateRule));
  const oneOf = (field: string, known: string[]) => {
    const value = webhook[field];
    if (value !== undefined && value !== null && !known.includes(value))
      errors.push(notSupported(`${at}.${field}`, value, known));
  };
  oneOf('failurePolicy', ['Fail', 'Ignore']);
  oneOf('matchPolicy', ['Equivalent', 'Exact']);
  if (mutating) oneOf('reinvocationPolicy', ['IfNeeded', 'Never']);
  if (!webhook.sideEffects) errors.push(required(`${at}.sideEffects`, 'must specify one of None, NoneOnDryRun'));
  else oneOf('sideEffects', ['None', 'NoneOnDryRun']);
  const seconds = webhook.timeoutSeconds;
  if (typeof seconds === 'number' && (seconds < 1 || seconds > 30))
    errors.push(invalidValue(`${at}.timeoutSeconds`, seconds, 'the timeout value must be between 1 and 30 seconds'));
  errors.push(
    ...validateSelector(webhook.namespaceSelector, `${at}.namespaceSelector`),
    ...validateSelector(webhook.objectSelector, `${at}.objectSelector`),
    ...validateClientConfig(webhook.clientConfig ?? {}, `${at}.clientConfig`),
  );
  if (!conditionsKnown) errors.push(...validateMatchConditions(webhook.matchConditions ?? [], `${at}.matchConditions`));
  const reviews: string[] = webhook.admissionReviewVersions ?? [];
  reviews.forEach((version, index) => {
    const where = `${at}.admissionReviewVersions[${index}]`;
    if (reviews.indexOf(version) < index) errors.push(invalidValue(where, version, 'duplicate version'));
    errors.push(...invalidAll(where, version, label1035Name(version)));
  });
  if (reviews.length === 0)
    errors.push(required(`${at}.admissionReviewVersions`, `must specify one of ${REVIEWS.join(', ')}`));
  else if (!reviews.some((review) => REVIEWS.includes(review)))
    errors.push(
      invalidValue(`${at}.admissionReviewVersions`, reviews, `must include at least one of ${REVIEWS.join(', ')}`),
    );
  return errors;
}

/** `declared`: what they may look at; by default what conditions of webhooks may. */
export function validateMatchConditions(conditions: Json[], at: string, declared?: Declared): FieldError[] {
  const errors: FieldError[] = [];
  if (conditions.length > MAX_CONDITIONS) errors.push(tooMany(at, conditions.length, MAX_CONDITIONS));
  const seen = new Set<string>();
  conditions.forEach((condition, index) => {
    const where = `${at}[${index}]`;
    const name: string = condition.name ?? '';
    const expression = (condition.expression ?? '').trim();
    const outcome = expression === '' ? null : compileCondition(expression, declared);
    if (outcome === null) errors.push(required(`${where}.expression`));
    else if ('problem' in outcome) errors.push(invalidValue(`${where}.expression`, expression, outcome.problem));
    if (name === '') errors.push(required(`${where}.name`));
    else {
      for (const text of qualifiedName(name)) errors.push(invalidValue(`${where}.name`, name, text));
      if (seen.has(name)) errors.push(duplicate(`${where}.name`, name));
      seen.add(name);
    }
  });
  return errors;
}

/** Where a webhook is: an address or a service. */
export function validateClientConfig(config: Json, at: string): FieldError[] {
  const { url, service } = config;
  if ((url === undefined || url === null) === (service === undefined || service === null))
    return [required(at, 'exactly one of url or service is required')];
  if (service) return validateService(service, `${at}.service`);
  const form = '; desired format: https://host[/path]';
  const parts = URL_PARTS.exec(url);
  if (parts === null || /[\s\p{Cc}]/u.test(url))
    return [
      required(`${at}.url`, `url must be a valid URL: parse ${JSON.stringify(url)}: invalid URI for request${form}`),
    ];
  const { scheme = '', authority = '', query, fragment } = parts.groups ?? {};
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  const refused = (value: string, text: string) => invalidValue(`${at}.url`, value, text);
  const errors: FieldError[] = [];
  if (scheme.toLowerCase() !== 'https')
    errors.push(refused(scheme.toLowerCase(), `'https' is the only allowed URL scheme${form}`));
  if (host === '') errors.push(refused('', `host must be specified${form}`));
  if (authority.includes('@'))
    errors.push(
      refused(authority.slice(0, authority.lastIndexOf('@')), 'user information is not permitted in the URL'),
    );
  if (fragment) errors.push(refused(fragment, 'fragments are not permitted in the URL'));
  if (query) errors.push(refused(query, 'query parameters are not permitted in the URL'));
  return errors;
}

function validateService(service: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  // The server takes one for the other.
  if (!service.namespace) errors.push(required(`${at}.name`));
  if (!service.name) errors.push(required(`${at}.namespace`));
  const { port = 443, path } = service;
  if (port < 1 || port > 65535)
    errors.push(invalidValue(`${at}.port`, port, 'port is not valid: must be between 1 and 65535, inclusive'));
  if (typeof path !== 'string' || path === '' || path === '/') return errors;
  if (path === '//') return [...errors, invalidValue(`${at}.path`, path, 'segment[0] may not be empty')];
  if (!path.startsWith('/')) errors.push(invalidValue(`${at}.path`, path, "must start with a '/'"));
  path
    .slice(1)
    .replace(/\/$/, '')
    .split('/')
    .forEach((segment: string, index: number) => {
      if (segment === '') errors.push(invalidValue(`${at}.path`, path, `segment[${index}] may not be empty`));
      else
        for (const text of subdomainName(segment))
          errors.push(invalidValue(`${at}.path`, path, `segment[${index}]: ${text}`));
    });
  return errors;
}
