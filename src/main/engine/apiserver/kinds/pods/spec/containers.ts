/**
 * Containers of all three kinds: regular, init (with those that keep running beside the others) and ephemeral.
 * Source: API reference core/v1 Container, EphemeralContainer; "Sidecar Containers"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { asSent } from '../../../openapi/sent-empty.ts';
import type { FieldError } from '../../../types.ts';
import {
  duplicate,
  eachAt,
  fieldNotFound,
  forbiddenField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
  tooMany,
} from '../../validation/field.ts';
import { labelName } from '../../validation/meta.ts';
import { validateEnv, validateEnvFrom } from './env.ts';
import { validateHandlers } from './handlers.ts';
import { type Volumes, validateDevices, validateMounts } from './mounts.ts';
import { validateHostPorts, validatePorts } from './ports.ts';
import { validateChoice, validatePullPolicy } from './pulling.ts';
import { validateResources } from './resources.ts';
import { validateContainerSecurity } from './security.ts';

/** What containers refer to in their pod. */
export interface Surroundings {
  spec: Json;
  volumes: Volumes;
  /** Names of resource claims. */
  claims: ReadonlySet<string>;
  /** True in a pod, false in a template, of which some things are asked later. */
  inPod: boolean;
}

const MESSAGE_POLICIES = ['File', 'FallbackToLogsOnError'];
const RESTARTS = ['Always', 'Never', 'OnFailure'];
const RESTART_ACTIONS = ['Restart', 'RestartAllContainers'];
const RESTART_OPERATORS = ['In', 'NotIn'];
const MOST_RULES = 20;
const MOST_CODES = 255;
const RESIZED = ['cpu', 'memory'];
const RESIZES = ['NotRequired', 'RestartContainer'];

const isSidecar = (container: Json): boolean => container.restartPolicy === 'Always';

export function validateContainers(pod: Surroundings, at: string): FieldError[] {
  const { spec } = pod;
  const regular: Json[] = spec.containers ?? [];
  if (regular.length === 0) return [required(`${at}.containers`), ...validateOthers(pod, at)];
  const names = new Set<string>();
  const grace = spec.terminationGracePeriodSeconds ?? 0;
  const errors = eachAt(regular, `${at}.containers`, (container, where) => [
    ...validateContainer(container, where, pod),
    ...validateUnique(container, where, names),
    ...validateRestarts(container, where),
    ...validateHandlers(container, grace, where),
  ]);
  return [...errors, ...validateHostPorts(regular, `${at}.containers`), ...validateOthers(pod, at)];
}

function validateOthers(pod: Surroundings, at: string): FieldError[] {
  const names = new Set<string>(((pod.spec.containers ?? []) as Json[]).map(({ name = '' }) => name));
  return [
    ...eachAt(pod.spec.initContainers, `${at}.initContainers`, (container, where) => [
      ...validateContainer(container, where, pod),
      ...validateUnique(container, where, names, true),
      ...validateHostPorts([container], `${at}.initContainers`),
      ...validateInitRestarts(container, where),
      ...validateInit(container, where, pod.spec.terminationGracePeriodSeconds ?? 0),
    ]),
    ...validateEphemeral(pod, names, `${at}.ephemeralContainers`),
  ];
}

/** Names are unique among all containers of a pod; the later one is refused. */
function validateUnique({ name = '' }: Json, at: string, names: Set<string>, isInit = false): FieldError[] {
  if (names.has(name)) return [duplicate(`${at}.name`, name)];
  // Among those that start first, no name is none.
  if (name !== '' || !isInit) names.add(name);
  return [];
}

function validateInitRestarts(container: Json, at: string): FieldError[] {
  const errors = validateRestarts(container, at);
  const rules = (container.restartPolicyRules ?? []).length > 0;
  if (container.restartPolicy === undefined && rules) return errors.slice(0, 1);
  if (isSidecar(container)) return errors;
  const text = "must not be set to 'RestartContainer' for non-sidecar initContainers";
  return [
    ...errors,
    ...eachAt(container.resizePolicy, `${at}.resizePolicy`, ({ restartPolicy }, where) =>
      restartPolicy === 'RestartContainer' ? [invalidValue(`${where}.restartPolicy`, restartPolicy, text)] : [],
    ),
  ];
}

/** A container that ends before the others start is not probed. */
function validateInit(container: Json, at: string, grace: number): FieldError[] {
  if (isSidecar(container)) return validateHandlers(container, grace, at);
  return ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe']
    .filter((field) => container[field])
    .map((field) =>
      forbiddenField(`${at}.${field}`, 'may not be set for init containers without restartPolicy=Always'),
    );
}

/** Fields of containers that one added for a look inside cannot have. */
const NOT_EPHEMERAL = [
  'ports',
  'resources',
  'resizePolicy',
  'restartPolicy',
  'restartPolicyRules',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'lifecycle',
];
const NO_EPHEMERAL = 'cannot be set for an Ephemeral Container';

/** Resources are always there; all else is set when it was sent, be it without anything in it. */
const isSet = (container: Json, field: string): boolean =>
  field === 'resources' ? Object.keys(container.resources ?? {}).length > 0 : asSent(container, field) !== null;

function validateEphemeral(pod: Surroundings, others: ReadonlySet<string>, at: string): FieldError[] {
  const names = new Set(others);
  return eachAt(pod.spec.ephemeralContainers, at, (container, where) => {
    const { targetContainerName = '' } = container;
    const errors = [
      ...validateContainer(container, where, { ...pod, inPod: true }),
      ...validateUnique(container, where, names),
    ];
    if (targetContainerName !== '' && !others.has(targetContainerName))
      errors.push(fieldNotFound(`${where}.targetContainerName`, targetContainerName));
    for (const field of NOT_EPHEMERAL)
      if (isSet(container, field)) errors.push(forbiddenField(`${where}.${field}`, NO_EPHEMERAL));
    const mounts = eachAt(container.volumeMounts, `${where}.volumeMounts`, (mount, place) =>
      ['subPath', 'subPathExpr']
        .filter((field) => mount[field])
        .map((field) => forbiddenField(`${place}.${field}`, NO_EPHEMERAL)),
    );
    return [...errors, ...mounts];
  });
}

function validateContainer(container: Json, at: string, pod: Surroundings): FieldError[] {
  const { name = '', image = '', imagePullPolicy, terminationMessagePolicy } = container;
  const errors = name === '' ? [required(`${at}.name`)] : invalidAll(`${at}.name`, name, labelName(name));
  if (image === '') errors.push(required(`${at}.image`));
  else if (pod.inPod && image.trim() !== image)
    errors.push(invalidValue(`${at}.image`, image, 'must not have leading or trailing whitespace'));
  errors.push(
    ...validateChoice(terminationMessagePolicy, MESSAGE_POLICIES, `${at}.terminationMessagePolicy`),
    ...validatePorts(container.ports, `${at}.ports`),
    ...validateEnv(container.env, `${at}.env`),
    ...validateEnvFrom(container.envFrom, `${at}.envFrom`),
    ...validateMounts(container, pod.volumes, `${at}.volumeMounts`),
    ...validateDevices(container, pod.volumes, `${at}.volumeDevices`),
    ...validatePullPolicy(imagePullPolicy, `${at}.imagePullPolicy`),
    ...validateResources(container.resources, `${at}.resources`, pod.claims),
    ...validateResizing(container.resizePolicy, `${at}.resizePolicy`, pod.spec.restartPolicy),
    ...validateContainerSecurity(container.securityContext, `${at}.securityContext`, pod.spec.hostUsers !== false),
  );
  return errors;
}

/** When a container comes again by itself, told from how it ended. */
function validateRestarts({ restartPolicy, restartPolicyRules }: Json, at: string): FieldError[] {
  const rules: Json[] = restartPolicyRules ?? [];
  const errors: FieldError[] = [];
  if (restartPolicy === undefined && rules.length > 0)
    errors.push(required(`${at}.restartPolicy`, 'must specify restartPolicy when restart rules are used'));
  else if (restartPolicy !== undefined && !RESTARTS.includes(restartPolicy))
    errors.push(notSupported(`${at}.restartPolicy`, restartPolicy, RESTARTS));
  const where = `${at}.restartPolicyRules`;
  if (rules.length > MOST_RULES) errors.push(tooMany(where, rules.length, MOST_RULES));
  return [
    ...errors,
    ...eachAt(rules, where, ({ action = '', exitCodes }, place) => {
      const found = RESTART_ACTIONS.includes(action) ? [] : [notSupported(`${place}.action`, action, RESTART_ACTIONS)];
      if (!exitCodes) return [...found, required(`${place}.exitCodes`, 'must be specified')];
      const { operator = '' } = exitCodes;
      const values: number[] = exitCodes.values ?? [];
      if (!RESTART_OPERATORS.includes(operator))
        found.push(notSupported(`${place}.exitCodes.operator`, operator, RESTART_OPERATORS));
      if (values.length > MOST_CODES) found.push(tooMany(`${place}.exitCodes.values`, values.length, MOST_CODES));
      return found;
    }),
  ];
}

/** How resources of a running container change. */
function validateResizing(policies: Json, at: string, podRestarts: unknown): FieldError[] {
  const seen = new Set<string>();
  return eachAt(policies, at, ({ resourceName = '', restartPolicy = '' }, where) => {
    const errors = seen.has(resourceName) ? [duplicate(where, resourceName)] : [];
    seen.add(resourceName);
    errors.push(...validateChoice(resourceName, RESIZED, at), ...validateChoice(restartPolicy, RESIZES, at));
    if (podRestarts === 'Never' && restartPolicy !== 'NotRequired')
      errors.push(invalidValue(at, restartPolicy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'"));
    return errors;
  });
}
