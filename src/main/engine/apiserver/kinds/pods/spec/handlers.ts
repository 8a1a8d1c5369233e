/** Probes and lifecycle hooks. Source: API reference core/v1 Probe, LifecycleHandler; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { forbiddenField, invalidValue, notSupported, required } from '../../validation/field.ts';
import { validatePortReference } from './ports.ts';

type Handler = 'exec' | 'httpGet' | 'tcpSocket' | 'grpc' | 'sleep';

const PROBES: readonly Handler[] = ['exec', 'httpGet', 'tcpSocket', 'grpc'];
const HOOKS: readonly Handler[] = ['exec', 'httpGet', 'tcpSocket', 'sleep'];
const SCHEMES = ['HTTP', 'HTTPS'];
const HEADER = /^[-A-Za-z0-9]+$/;
const HEADER_TEXT =
  "a valid HTTP header must consist of alphanumeric characters or '-' (e.g. 'X-Header-Name', regex used for validation is '[-A-Za-z0-9]+')";
const NEGATIVE = 'must be greater than or equal to 0';

/** `grace` is how long the pod has to end, in seconds. */
function validateHandler(given: Json, kinds: readonly Handler[], grace: number, at: string): FieldError[] {
  const set = kinds.filter((kind) => given[kind]);
  const [first] = set;
  if (first === undefined) return [required(at, 'must specify a handler type')];
  return [
    ...CHECKS[first](given[first], `${at}.${first}`, grace),
    ...set.slice(1).map((extra) => forbiddenField(`${at}.${extra}`, 'may not specify more than 1 handler type')),
  ];
}

const CHECKS: Record<Handler, (handler: Json, at: string, grace: number) => FieldError[]> = {
  exec: ({ command = [] }, at) => (command.length === 0 ? [required(`${at}.command`)] : []),
  httpGet: (get, at) => {
    const errors = get.path ? [] : [required(`${at}.path`)];
    errors.push(...validatePortReference(get.port, `${at}.port`));
    if (!SCHEMES.includes(get.scheme)) errors.push(notSupported(`${at}.scheme`, get.scheme ?? '', SCHEMES));
    for (const { name = '' } of (get.httpHeaders ?? []) as Json[])
      if (!HEADER.test(name)) errors.push(invalidValue(`${at}.httpHeaders`, name, HEADER_TEXT));
    return errors;
  },
  tcpSocket: ({ port }, at) => validatePortReference(port, `${at}.port`),
  grpc: ({ port }, at) => validatePortReference(port, `${at}.port`),
  sleep: ({ seconds = 0 }, at, grace) =>
    seconds >= 0 && seconds <= grace
      ? []
      : [invalidValue(at, seconds, `must be non-negative and less than terminationGracePeriodSeconds (${grace})`)],
};

const TIMES = ['initialDelaySeconds', 'timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];

function validateProbe(probe: Json, at: string): FieldError[] {
  const errors = validateHandler(probe, PROBES, 0, at);
  for (const field of TIMES)
    if (typeof probe[field] === 'number' && probe[field] < 0)
      errors.push(invalidValue(`${at}.${field}`, probe[field], NEGATIVE));
  const grace = probe.terminationGracePeriodSeconds;
  if (typeof grace === 'number' && grace <= 0)
    errors.push(invalidValue(`${at}.terminationGracePeriodSeconds`, grace, 'must be greater than 0'));
  return errors;
}

/** The three probes and the hooks of a container; `at` is the container's path. */
export function validateHandlers(container: Json, grace: number, at: string): FieldError[] {
  const errors: FieldError[] = [];
  for (const hook of ['postStart', 'preStop'])
    if (container.lifecycle?.[hook])
      errors.push(...validateHandler(container.lifecycle[hook], HOOKS, grace, `${at}.lifecycle.${hook}`));
  for (const kind of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    const probe = container[kind];
    if (!probe) continue;
    const where = `${at}.${kind}`;
    errors.push(...validateProbe(probe, where));
    if (kind === 'readinessProbe') {
      const own = probe.terminationGracePeriodSeconds;
      if (own !== undefined)
        errors.push(invalidValue(`${where}.terminationGracePeriodSeconds`, own, 'must not be set for readinessProbes'));
    } else if (probe.successThreshold !== 1)
      errors.push(invalidValue(`${where}.successThreshold`, probe.successThreshold ?? 0, 'must be 1'));
  }
  return errors;
}
