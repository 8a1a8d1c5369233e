/**
 * What depends on the operating system of a pod's node: options of Windows, and what only Linux knows.
 * Source: API reference core/v1 PodOS, WindowsSecurityContextOptions; "Create a Windows HostProcess Pod"; texts of the
 * server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { eachAt, forbiddenField, invalidAll, invalidValue, notSupported, required } from '../../validation/field.ts';
import { subdomainName } from '../../validation/meta.ts';

const SYSTEMS = ['linux', 'windows'];
const CREDENTIAL_KIB = 64;
const DOMAIN_MOST = 256;
const USER_MOST = 104;
const NET_BIOS = /^[^\\/:*?"<>|.][^\\/:*?"<>|]{0,14}$/;
const DNS = /^[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?)*$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROL = /[\x00-\x1f\x7f]/;

/** The account that a container's process runs as, `DOMAIN\user`. */
function userProblems(name: string): string[] {
  const prefix = "runAsUserName's";
  if (name === '') return ['runAsUserName cannot be an empty string'];
  if (CONTROL.test(name)) return ['runAsUserName cannot contain control characters'];
  const parts = name.split('\\');
  if (parts.length > 2) return ['runAsUserName cannot contain more than one backslash'];
  const user = parts.at(-1)!;
  const domain = parts.length === 2 ? parts[0]! : null;
  const problems: string[] = [];
  if (domain !== null && Buffer.byteLength(domain) >= DOMAIN_MOST)
    problems.push(`${prefix} Domain length must be under ${DOMAIN_MOST} characters`);
  if (domain !== null && !NET_BIOS.test(domain) && !DNS.test(domain))
    problems.push(`${prefix} Domain doesn't match the NetBios nor the DNS format`);
  if (user === '') problems.push(`${prefix} User cannot be empty`);
  else if (Buffer.byteLength(user) > USER_MOST)
    problems.push(`${prefix} User length must not be longer than ${USER_MOST} characters`);
  if (/^[. ]+$/.test(user)) problems.push(`${prefix} User cannot contain only periods or spaces`);
  if (/["/\\:;|=,+*?<>@[\]]/.test(user))
    problems.push(`${prefix} User cannot contain the following characters: "/\\:;|=,+*?<>@[]`);
  return problems;
}

/** Options of one security context. */
export function validateWindowsOptions(options: Json, at: string): FieldError[] {
  if (!options) return [];
  const { gmsaCredentialSpecName: name, gmsaCredentialSpec: credential, runAsUserName: user } = options;
  const errors: FieldError[] = [];
  if (typeof name === 'string') errors.push(...invalidAll(`${at}.gmsaCredentialSpecName`, name, subdomainName(name)));
  if (credential === '')
    errors.push(invalidValue(`${at}.gmsaCredentialSpec`, credential, 'gmsaCredentialSpec cannot be an empty string'));
  else if (typeof credential === 'string' && Buffer.byteLength(credential) > CREDENTIAL_KIB * 1024) {
    const text = `gmsaCredentialSpec size must be under ${CREDENTIAL_KIB} KiB`;
    errors.push(invalidValue(`${at}.gmsaCredentialSpec`, credential, text));
  }
  if (typeof user === 'string') errors.push(...invalidAll(`${at}.runAsUserName`, user, userProblems(user)));
  return errors;
}

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

/** `check` of the security context of every container that has one. */
function eachContext(spec: Json, at: string, check: (context: Json, at: string) => FieldError[]): FieldError[] {
  return LISTS.flatMap((list) =>
    eachAt(spec[list], `${at}.${list}`, ({ securityContext }, where) =>
      securityContext ? check(securityContext, `${where}.securityContext`) : [],
    ),
  );
}

/** Containers that are processes of their Windows host: all of a pod or none, in the host's network. */
export function validateHostProcesses(spec: Json, at: string): FieldError[] {
  const ofPod: unknown = spec.securityContext?.windowsOptions?.hostProcess ?? undefined;
  const containers = LISTS.flatMap((list) => (spec[list] ?? []) as Json[]);
  const ofContainer = (each: Json): unknown => each?.securityContext?.windowsOptions?.hostProcess ?? undefined;
  const errors = eachContext(spec, at, ({ windowsOptions }, where) => {
    const own: unknown = windowsOptions?.hostProcess ?? undefined;
    if (ofPod === undefined || own === undefined || own === ofPod) return [];
    const text = `pod hostProcess value must be identical if both are specified, was ${ofPod}`;
    return [invalidValue(`${where}.windowsOptions.hostProcess`, own, text)];
  });
  const count = containers.filter((each) => (ofContainer(each) ?? ofPod) === true).length;
  if (count === 0) return errors;
  if (count !== containers.length) {
    const text = 'If pod contains any hostProcess containers then all containers must be HostProcess containers';
    errors.push(invalidValue(at, '', text));
  }
  if (spec.hostNetwork !== true) {
    const text = 'hostNetwork must be true if pod contains any hostProcess containers';
    errors.push(invalidValue(`${at}.hostNetwork`, false, text));
  }
  return errors;
}

/** Beside a path, whether a field counts as set: a flag only when it is on, a list only with something in it. */
const LINUX_POD: readonly [owner: 'spec' | 'context', field: string, counts: 'given' | 'on' | 'filled'][] = [
  ['context', 'appArmorProfile', 'given'],
  ['context', 'seLinuxOptions', 'given'],
  ['spec', 'hostUsers', 'given'],
  ['spec', 'hostPID', 'on'],
  ['spec', 'hostIPC', 'on'],
  ['context', 'seccompProfile', 'given'],
  ['context', 'fsGroup', 'given'],
  ['context', 'fsGroupChangePolicy', 'given'],
  ['context', 'sysctls', 'filled'],
  ['spec', 'shareProcessNamespace', 'given'],
  ['context', 'runAsUser', 'given'],
  ['context', 'runAsGroup', 'given'],
  ['context', 'supplementalGroups', 'given'],
  ['context', 'supplementalGroupsPolicy', 'given'],
  ['context', 'seLinuxChangePolicy', 'given'],
];
const LINUX_CONTAINER = [
  'appArmorProfile',
  'seLinuxOptions',
  'seccompProfile',
  'capabilities',
  'readOnlyRootFilesystem',
  'privileged',
  'allowPrivilegeEscalation',
  'procMount',
  'runAsUser',
  'runAsGroup',
];
const NOT_ON_WINDOWS = 'cannot be set for a windows pod';
const NOT_ON_LINUX = 'windows options cannot be set for a linux pod';

const isGiven = (value: unknown): boolean => value !== undefined && value !== null;

function validateLinux(spec: Json, at: string): FieldError[] {
  const own = spec.securityContext?.windowsOptions
    ? [forbiddenField(`${at}.securityContext.windowsOptions`, NOT_ON_LINUX)]
    : [];
  const contexts = eachContext(spec, at, ({ windowsOptions }, where) =>
    windowsOptions ? [forbiddenField(`${where}.windowsOptions`, NOT_ON_LINUX)] : [],
  );
  return [...own, ...contexts];
}

function validateWindows(spec: Json, at: string): FieldError[] {
  const own = LINUX_POD.flatMap(([owner, field, counts]) => {
    const value: unknown = owner === 'spec' ? spec[field] : spec.securityContext?.[field];
    const isSet =
      counts === 'on' ? value === true : isGiven(value) && (counts === 'given' || (value as Json[]).length > 0);
    if (!isSet) return [];
    return [forbiddenField(owner === 'spec' ? `${at}.${field}` : `${at}.securityContext.${field}`, NOT_ON_WINDOWS)];
  });
  const contexts = eachContext(spec, at, (context, where) =>
    LINUX_CONTAINER.filter((field) => isGiven(context[field])).map((field) =>
      forbiddenField(`${where}.${field}`, NOT_ON_WINDOWS),
    ),
  );
  return [...own, ...contexts];
}

export function validateSystem(spec: Json, at: string): FieldError[] {
  const { os } = spec;
  if (!os) return [];
  if (!os.name) return [required(`${at}.os.name`)];
  if (!SYSTEMS.includes(os.name)) return [notSupported(`${at}.os`, os.name, SYSTEMS)];
  return os.name === 'linux' ? validateLinux(spec, at) : validateWindows(spec, at);
}
