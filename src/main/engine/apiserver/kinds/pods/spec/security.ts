/**
 * Security contexts of pods and containers.
 * Source: API reference core/v1 PodSecurityContext, SecurityContext; "Configure a Security Context"; texts of the server's validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { shown } from '../../../openapi/shown.ts';
import type { FieldError } from '../../../types.ts';
import { internalForm } from '../../difference/internal.ts';
import {
  duplicate,
  eachAt,
  forbiddenField,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../../validation/field.ts';
import { localPath } from './paths.ts';
import { validateWindowsOptions } from './systems.ts';

const MAX_ID = 2 ** 31 - 1;
const PROFILES = ['Localhost', 'RuntimeDefault', 'Unconfined'];
const PROC_MOUNTS = ['Default', 'Unmasked'];
const MAX_PROFILE = 4095;

function validateId(id: unknown, at: string): FieldError[] {
  if (typeof id !== 'number' || (id >= 0 && id <= MAX_ID)) return [];
  return [invalidValue(at, id, `must be between 0 and ${MAX_ID}, inclusive`)];
}

function validateSeccomp(profile: Json, at: string): FieldError[] {
  if (!profile) return [];
  const { type = '', localhostProfile } = profile;
  const errors: FieldError[] = [];
  if (type === '') errors.push(required(`${at}.type`, 'type is required when seccompProfile is set'));
  else if (!PROFILES.includes(type)) errors.push(notSupported(`${at}.type`, type, PROFILES));
  const where = `${at}.localhostProfile`;
  if (type === 'Localhost') {
    if (localhostProfile === undefined) errors.push(required(where, 'must be set when seccomp type is Localhost'));
    else errors.push(...localPath(localhostProfile, where));
  } else if (localhostProfile !== undefined)
    errors.push(
      invalidValue(where, shown('core.SeccompProfile', profile), 'can only be set when seccomp type is Localhost'),
    );
  return errors;
}

function validateAppArmor(profile: Json, at: string): FieldError[] {
  if (!profile) return [];
  const { type = '', localhostProfile } = profile;
  const where = `${at}.localhostProfile`;
  if (type === '') return [required(`${at}.type`, 'type is required when appArmorProfile is set')];
  if (!PROFILES.includes(type)) return [notSupported(`${at}.type`, type, PROFILES)];
  if (type !== 'Localhost')
    return localhostProfile === undefined
      ? []
      : [invalidValue(where, localhostProfile, 'can only be set when AppArmor type is Localhost')];
  const missing = 'must be set when AppArmor type is Localhost';
  if (localhostProfile === undefined) return [required(where, missing)];
  const errors: FieldError[] = [];
  if (localhostProfile.trim() !== localhostProfile)
    errors.push(invalidValue(where, localhostProfile, 'must not be padded with whitespace'));
  else if (localhostProfile === '') errors.push(required(where, missing));
  if (Buffer.byteLength(localhostProfile) > MAX_PROFILE) errors.push(tooLong(where, MAX_PROFILE));
  return errors;
}

const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;
const SYSCTL_MAX = 253;
const SYSCTL_TEXT = `must have at most ${SYSCTL_MAX} characters and match regex ^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[\\./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$`;
const IPC_SYSCTL = /^(kernel\.(shm|msg)|fs\.mqueue\.|kernel\.sem$)/;

/** A pod in the host's namespace would set the host's own parameters. */
function hostSysctl(name: string, spec: Json, at: string): FieldError[] {
  const dotted = name.replaceAll('/', '.');
  if (spec.hostNetwork === true && dotted.startsWith('net.'))
    return [invalidValue(at, name, "may not be specified when 'hostNetwork' is true")];
  if (spec.hostIPC === true && IPC_SYSCTL.test(dotted))
    return [invalidValue(at, name, "may not be specified when 'hostIPC' is true")];
  return [];
}

function validateSysctls(spec: Json, at: string): FieldError[] {
  const seen = new Set<string>();
  return eachAt(spec.securityContext.sysctls, at, ({ name = '' }, where) => {
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${where}.name`));
    else if (name.length > SYSCTL_MAX || !SYSCTL.test(name))
      errors.push(invalidValue(`${where}.name`, name, SYSCTL_TEXT));
    else if (seen.has(name)) errors.push(duplicate(`${where}.name`, name));
    seen.add(name);
    return [...errors, ...hostSysctl(name, spec, `${where}.name`)];
  });
}

/** Values of which one is allowed, by field of a pod's security context. */
const CHOICES: readonly [string, readonly string[]][] = [
  ['fsGroupChangePolicy', ['Always', 'OnRootMismatch']],
  ['supplementalGroupsPolicy', ['Merge', 'Strict']],
  // The other one is behind a gate.
  ['seLinuxChangePolicy', ['Recursive']],
];

/** `at` is the path of the pod's spec. */
export function validatePodSecurity(spec: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const context = spec.securityContext;
  if (context) {
    const where = `${at}.securityContext`;
    for (const field of ['fsGroup', 'runAsUser', 'runAsGroup'])
      errors.push(...validateId(context[field], `${where}.${field}`));
    errors.push(
      ...eachAt(context.supplementalGroups, `${where}.supplementalGroups`, validateId),
      ...validateSysctls(spec, `${where}.sysctls`),
      ...validateSeccomp(context.seccompProfile, `${where}.seccompProfile`),
      ...validateAppArmor(context.appArmorProfile, `${where}.appArmorProfile`),
      ...validateWindowsOptions(context.windowsOptions, `${where}.windowsOptions`),
    );
    for (const [field, choices] of CHOICES)
      if (context[field] !== undefined && !choices.includes(context[field]))
        errors.push(notSupported(`${where}.${field}`, context[field], choices));
  }
  if (spec.shareProcessNamespace === true && spec.hostPID === true) {
    const text = 'ShareProcessNamespace and HostPID cannot both be enabled';
    errors.push(invalidValue(`${at}.securityContext.shareProcessNamespace`, true, text));
  }
  return [...errors, ...validateHostUsers(spec, at)];
}

/** A user namespace of its own goes with no other namespace of the host. The paths are the server's own. */
function validateHostUsers(spec: Json, at: string): FieldError[] {
  if (spec.hostUsers !== false) return [];
  const paths = { hostNetwork: 'hostNetwork', hostPID: 'HostPID', hostIPC: 'HostIPC' };
  return Object.entries(paths)
    .filter(([field]) => spec[field] === true)
    .map(([, path]) => forbiddenField(`${at}.${path}`, 'when `hostUsers` is false'));
}

/** `hostUsers` tells whether the pod shares the host's user namespace. */
export function validateContainerSecurity(context: Json, at: string, hostUsers: boolean): FieldError[] {
  if (!context) return [];
  const errors = [
    ...validateId(context.runAsUser, `${at}.runAsUser`),
    ...validateId(context.runAsGroup, `${at}.runAsGroup`),
  ];
  const { procMount } = context;
  if (procMount !== undefined) {
    if (!PROC_MOUNTS.includes(procMount)) errors.push(notSupported(`${at}.procMount`, procMount, PROC_MOUNTS));
    if (hostUsers && procMount === 'Unmasked')
      errors.push(invalidValue(`${at}.procMount`, procMount, '`hostUsers` must be false to use `Unmasked`'));
  }
  errors.push(...validateSeccomp(context.seccompProfile, `${at}.seccompProfile`));
  if (context.allowPrivilegeEscalation === false) {
    const escalation = 'cannot set `allowPrivilegeEscalation` to false and';
    const refuse = (text: string) =>
      errors.push(invalidValue(at, internalForm('SecurityContext', context), `${escalation} ${text}`));
    if (context.privileged === true) refuse('`privileged` to true');
    if (context.capabilities?.add?.includes('CAP_SYS_ADMIN')) refuse('`capabilities.Add` CAP_SYS_ADMIN');
  }
  return [
    ...errors,
    ...validateWindowsOptions(context.windowsOptions, `${at}.windowsOptions`),
    ...validateAppArmor(context.appArmorProfile, `${at}.appArmorProfile`),
  ];
}
