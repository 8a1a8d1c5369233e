/**
 * What people get wrong in pods and pod templates: names, images, ports, variables, mounts, resources, policies.
 * Source: API reference core/v1; texts of the server's validation.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../types.ts';
import {
  duplicate,
  fieldNotFound,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  sameJson,
} from '../validation/field.ts';
import { labelName, subdomainName, validateAnnotations, validateLabels } from '../validation/meta.ts';
import { compareQuantities, isQuantity } from '../validation/quantity.ts';

const PORT = 'must be between 1 and 65535, inclusive';
const ENV_NAME = /^[ -<>-~]+$/;
const ENV_TEXT = "a valid environment variable name must consist only of printable ASCII characters other than '='";
const PULL_POLICIES = ['Always', 'IfNotPresent', 'Never'];
const PROTOCOLS = ['SCTP', 'TCP', 'UDP'];
const DNS_POLICIES = ['ClusterFirst', 'ClusterFirstWithHostNet', 'Default', 'None'];

/** `claims` names volumes that come from elsewhere: the claim templates of a StatefulSet. */
export function validatePodTemplate(template: Json, at: string, claims: readonly string[] = []): FieldError[] {
  return [
    ...validateLabels(template?.metadata?.labels, `${at}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${at}.annotations`),
    ...validatePodSpec(template?.spec ?? {}, `${at}.spec`, claims),
  ];
}

export function validatePodSpec(spec: Json, at: string, claims: readonly string[] = []): FieldError[] {
  const errors: FieldError[] = [];
  const volumes = validateVolumes(spec.volumes ?? [], `${at}.volumes`, errors);
  for (const claim of claims) volumes.add(claim);
  const containers: Json[] = spec.containers ?? [];
  if (containers.length === 0) errors.push(required(`${at}.containers`));
  const names = new Set<string>();
  const check = (list: Json[], where: string): void => {
    list.forEach((container, index) => {
      validateContainer(container, `${where}[${index}]`, volumes, names, errors);
    });
  };
  check(containers, `${at}.containers`);
  check(spec.initContainers ?? [], `${at}.initContainers`);
  check(spec.ephemeralContainers ?? [], `${at}.ephemeralContainers`);
  if (!['Always', 'OnFailure', 'Never'].includes(spec.restartPolicy))
    errors.push(
      spec.restartPolicy
        ? notSupported(`${at}.restartPolicy`, spec.restartPolicy, ['Always', 'OnFailure', 'Never'])
        : required(`${at}.restartPolicy`),
    );
  if (!DNS_POLICIES.includes(spec.dnsPolicy))
    errors.push(
      spec.dnsPolicy ? notSupported(`${at}.dnsPolicy`, spec.dnsPolicy, DNS_POLICIES) : required(`${at}.dnsPolicy`),
    );
  for (const field of ['serviceAccountName', 'nodeName', 'runtimeClassName', 'priorityClassName'])
    if (spec[field])
      for (const text of subdomainName(spec[field])) errors.push(invalidValue(`${at}.${field}`, spec[field], text));
  for (const field of ['hostname', 'subdomain'])
    if (spec[field])
      for (const text of labelName(spec[field])) errors.push(invalidValue(`${at}.${field}`, spec[field], text));
  if (typeof spec.activeDeadlineSeconds === 'number' && !(spec.activeDeadlineSeconds >= 1))
    errors.push(
      invalidValue(
        `${at}.activeDeadlineSeconds`,
        spec.activeDeadlineSeconds,
        'must be between 1 and 2147483647, inclusive',
      ),
    );
  if (typeof spec.terminationGracePeriodSeconds === 'number' && spec.terminationGracePeriodSeconds < 0)
    errors.push(
      invalidValue(
        `${at}.terminationGracePeriodSeconds`,
        spec.terminationGracePeriodSeconds,
        'must be greater than or equal to 0',
      ),
    );
  errors.push(...validateLabels(spec.nodeSelector, `${at}.nodeSelector`), ...validateSpread(spec, at));
  ((spec.tolerations ?? []) as Json[]).forEach((toleration, index) => {
    validateToleration(toleration, `${at}.tolerations[${index}]`, errors);
  });
  return errors;
}

const UNSATISFIABLE = ['DoNotSchedule', 'ScheduleAnyway'];

function validateSpread(spec: Json, at: string): FieldError[] {
  return ((spec.topologySpreadConstraints ?? []) as Json[]).flatMap((constraint, index) => {
    const where = `${at}.topologySpreadConstraints[${index}]`;
    const errors: FieldError[] = [];
    const { maxSkew = 0, topologyKey, whenUnsatisfiable = '' } = constraint;
    if (maxSkew <= 0) errors.push(invalidValue(`${where}.maxSkew`, maxSkew, 'must be greater than zero'));
    if (!topologyKey) errors.push(required(`${where}.topologyKey`, 'can not be empty'));
    if (!UNSATISFIABLE.includes(whenUnsatisfiable))
      errors.push(notSupported(`${where}.whenUnsatisfiable`, whenUnsatisfiable, UNSATISFIABLE));
    return errors;
  });
}

/** Names of well-formed volumes. */
function validateVolumes(volumes: Json[], at: string, errors: FieldError[]): Set<string> {
  const names = new Set<string>();
  volumes.forEach((volume, index) => {
    const where = `${at}[${index}]`;
    const sources = Object.keys(volume).filter((key) => key !== 'name');
    if (sources.length === 0) errors.push(required(where, 'must specify a volume type'));
    for (const extra of sources.slice(1))
      errors.push(forbiddenField(`${where}.${extra}`, 'may not specify more than 1 volume type'));
    if (!volume.name) errors.push(required(`${where}.name`));
    else {
      for (const text of labelName(volume.name)) errors.push(invalidValue(`${where}.name`, volume.name, text));
      if (names.has(volume.name)) errors.push(duplicate(`${where}.name`, volume.name));
    }
    if (volume.name) names.add(volume.name);
    if (volume.hostPath && !volume.hostPath.path) errors.push(required(`${where}.hostPath.path`));
    if (volume.secret && !volume.secret.secretName) errors.push(required(`${where}.secret.secretName`));
    if (volume.configMap && !volume.configMap.name) errors.push(required(`${where}.configMap.name`));
    if (volume.persistentVolumeClaim && !volume.persistentVolumeClaim.claimName)
      errors.push(required(`${where}.persistentVolumeClaim.claimName`));
  });
  return names;
}

function validateContainer(
  container: Json,
  at: string,
  volumes: Set<string>,
  names: Set<string>,
  errors: FieldError[],
): void {
  if (!container.name) errors.push(required(`${at}.name`));
  else {
    for (const text of labelName(container.name)) errors.push(invalidValue(`${at}.name`, container.name, text));
    if (names.has(container.name)) errors.push(duplicate(`${at}.name`, container.name));
    names.add(container.name);
  }
  if (!container.image) errors.push(required(`${at}.image`));
  else if (container.image.trim() !== container.image)
    errors.push(invalidValue(`${at}.image`, container.image, 'must not have leading or trailing whitespace'));
  if (container.imagePullPolicy && !PULL_POLICIES.includes(container.imagePullPolicy))
    errors.push(notSupported(`${at}.imagePullPolicy`, container.imagePullPolicy, PULL_POLICIES));
  validatePorts(container.ports ?? [], `${at}.ports`, errors);
  validateEnv(container, at, errors);
  const mounted = new Set<string>();
  ((container.volumeMounts ?? []) as Json[]).forEach((mount, index) => {
    const where = `${at}.volumeMounts[${index}]`;
    if (!mount.name) errors.push(required(`${where}.name`));
    else if (!volumes.has(mount.name)) errors.push(fieldNotFound(`${where}.name`, mount.name));
    if (!mount.mountPath) errors.push(required(`${where}.mountPath`));
    else if (mounted.has(mount.mountPath))
      errors.push(invalidValue(`${where}.mountPath`, mount.mountPath, 'must be unique'));
    if (mount.mountPath) mounted.add(mount.mountPath);
  });
  validateResources(container.resources ?? {}, `${at}.resources`, errors);
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe'])
    if (container[probe]) validateProbe(container[probe], `${at}.${probe}`, probe !== 'readinessProbe', errors);
}

function validatePorts(ports: Json[], at: string, errors: FieldError[]): void {
  const names = new Set<string>();
  ports.forEach((port, index) => {
    const where = `${at}[${index}]`;
    if (port.name) {
      for (const text of portName(port.name)) errors.push(invalidValue(`${where}.name`, port.name, text));
      if (names.has(port.name)) errors.push(duplicate(`${where}.name`, port.name));
      names.add(port.name);
    }
    if (!port.containerPort) errors.push(required(`${where}.containerPort`));
    else if (!isPort(port.containerPort)) errors.push(invalidValue(`${where}.containerPort`, port.containerPort, PORT));
    if (port.hostPort && !isPort(port.hostPort)) errors.push(invalidValue(`${where}.hostPort`, port.hostPort, PORT));
    if (!port.protocol) errors.push(required(`${where}.protocol`));
    else if (!PROTOCOLS.includes(port.protocol))
      errors.push(notSupported(`${where}.protocol`, port.protocol, PROTOCOLS));
  });
}

export function isPort(port: unknown): boolean {
  return typeof port === 'number' && port >= 1 && port <= 65535;
}

/** IANA service names. */
export function portName(name: string): string[] {
  const problems: string[] = [];
  if (name.length > 15) problems.push('must be no more than 15 characters');
  if (!/^[-a-z0-9]+$/.test(name))
    problems.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)');
  if (!/[a-z]/.test(name)) problems.push('must contain at least one letter (a-z)');
  if (name.includes('--')) problems.push('must not contain consecutive hyphens');
  if (name.startsWith('-') || name.endsWith('-')) problems.push('must not begin or end with a hyphen');
  return problems;
}

function validateEnv(container: Json, at: string, errors: FieldError[]): void {
  ((container.env ?? []) as Json[]).forEach((variable, index) => {
    const where = `${at}.env[${index}]`;
    if (!variable.name) errors.push(required(`${where}.name`));
    else if (!ENV_NAME.test(variable.name)) errors.push(invalidValue(`${where}.name`, variable.name, ENV_TEXT));
    const from = variable.valueFrom;
    if (!from) return;
    const sources = Object.keys(from);
    if (sources.length === 0)
      errors.push(
        invalidValue(
          `${where}.valueFrom`,
          '',
          'must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`',
        ),
      );
    if (variable.value && sources.length > 0)
      errors.push(invalidValue(`${where}.valueFrom`, '', 'may not be specified when `value` is not empty'));
    if (sources.length > 1)
      errors.push(invalidValue(`${where}.valueFrom`, '', 'may not have more than one field specified at a time'));
    for (const ref of ['configMapKeyRef', 'secretKeyRef']) {
      if (!from[ref]) continue;
      if (!from[ref].name) errors.push(required(`${where}.valueFrom.${ref}.name`));
      if (!from[ref].key) errors.push(required(`${where}.valueFrom.${ref}.key`));
    }
  });
}

function validateResources(resources: Json, at: string, errors: FieldError[]): void {
  const limits = (resources.limits ?? {}) as Record<string, string>;
  for (const group of ['limits', 'requests'])
    for (const [name, value] of Object.entries((resources[group] ?? {}) as Record<string, string>))
      if (isQuantity(value) && compareQuantities(value, '0') < 0)
        errors.push(invalidValue(`${at}.${group}[${name}]`, value, 'must be greater than or equal to 0'));
  for (const [name, value] of Object.entries((resources.requests ?? {}) as Record<string, string>)) {
    const limit = limits[name];
    if (limit !== undefined && compareQuantities(value, limit) > 0)
      errors.push(invalidValue(`${at}.requests`, value, `must be less than or equal to ${name} limit of ${limit}`));
  }
}

const HANDLERS = ['exec', 'httpGet', 'tcpSocket', 'grpc'];

function validateProbe(probe: Json, at: string, once: boolean, errors: FieldError[]): void {
  const given = HANDLERS.filter((handler) => probe[handler]);
  if (given.length === 0) errors.push(required(at, 'must specify a handler type'));
  for (const extra of given.slice(1))
    errors.push(forbiddenField(`${at}.${extra}`, 'may not specify more than 1 handler type'));
  for (const field of [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ])
    if (typeof probe[field] === 'number' && probe[field] < 0)
      errors.push(invalidValue(`${at}.${field}`, probe[field], 'must be greater than or equal to 0'));
  if (once && probe.successThreshold !== undefined && probe.successThreshold !== 1)
    errors.push(invalidValue(`${at}.successThreshold`, probe.successThreshold, 'must be 1'));
  for (const handler of ['httpGet', 'tcpSocket']) {
    const port = probe[handler]?.port;
    if (typeof port === 'number' && !isPort(port)) errors.push(invalidValue(`${at}.${handler}.port`, port, PORT));
  }
}

function validateToleration(toleration: Json, at: string, errors: FieldError[]): void {
  const operator = toleration.operator || 'Equal';
  if (!toleration.key && operator !== 'Exists')
    errors.push(
      invalidValue(
        `${at}.operator`,
        toleration.operator ?? '',
        'operator must be Exists when `key` is empty, which means "match all values and all keys"',
      ),
    );
  if (operator === 'Exists' && toleration.value)
    errors.push(invalidValue(`${at}.operator`, toleration, "value must be empty when `operator` is 'Exists'"));
  if (!['Equal', 'Exists', 'Lt', 'Gt'].includes(operator))
    errors.push(notSupported(`${at}.operator`, operator, ['Equal', 'Exists']));
  const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'];
  if (toleration.effect && !effects.includes(toleration.effect))
    errors.push(notSupported(`${at}.effect`, toleration.effect, effects));
  if (toleration.tolerationSeconds !== undefined && toleration.effect !== 'NoExecute')
    errors.push(
      invalidValue(
        `${at}.effect`,
        toleration.effect ?? '',
        "effect must be 'NoExecute' when `tolerationSeconds` is set",
      ),
    );
}

const PENDING_TEXT =
  'pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';

/** A pod is what it is: little of it changes after it was made. */
export function validatePod(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors = validatePodSpec(object.spec ?? {}, 'spec');
  if (old === null) return errors;
  const rest = (pod: KubeObject): Json => {
    const spec = { ...pod.spec };
    for (const list of ['containers', 'initContainers'])
      if (spec[list]) spec[list] = spec[list].map(({ image: _image, resources: _resources, ...left }: Json) => left);
    // Binding, evictions and debugging change these through subresources of their own.
    for (const field of [
      'activeDeadlineSeconds',
      'tolerations',
      'nodeName',
      'ephemeralContainers',
      'schedulingGates',
      'nodeSelector',
    ])
      delete spec[field];
    return spec;
  };
  const count = (pod: KubeObject): number[] => [
    pod.spec?.containers?.length ?? 0,
    pod.spec?.initContainers?.length ?? 0,
  ];
  if (!sameJson(count(object), count(old)))
    errors.push(forbiddenField('spec.containers', 'pod updates may not add or remove containers'));
  else if (!sameJson(rest(object), rest(old)) || lostToleration(object, old))
    errors.push(forbiddenField('spec', `${PENDING_TEXT}\n@@ -1 +1 @@`));
  return errors;
}

function lostToleration(object: KubeObject, old: KubeObject): boolean {
  const now: Json[] = object.spec?.tolerations ?? [];
  return ((old.spec?.tolerations ?? []) as Json[]).some((each) => !now.some((other) => sameJson(each, other)));
}
