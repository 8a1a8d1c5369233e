/**
 * Profiles of AppArmor and seccomp that are still named in annotations. Those of AppArmor are taken over into the fields
 * of a new pod; those of seccomp have to say the same as the fields. Source: KEP-24 and KEP-135; texts of the server's
 * validation.
 */
import type { Json, KubeObject, ObjectMeta } from '#shared/kubernetes/types.ts';
import { equalJson } from '../../json.ts';
import type { FieldError } from '../../types.ts';
import { forbiddenField, invalidValue } from '../validation/field.ts';
import { localPath } from './spec/paths.ts';

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';
const SECCOMP = 'seccomp.security.alpha.kubernetes.io/pod';
const CONTAINER_SECCOMP = 'container.seccomp.security.alpha.kubernetes.io/';
const LOCALHOST = 'localhost/';

const PREFIXES = [APP_ARMOR, SECCOMP, CONTAINER_SECCOMP];

const LISTS = ['initContainers', 'containers', 'ephemeralContainers'];

function containersOf(spec: Json, at: string): [container: Json, at: string][] {
  return LISTS.flatMap((list) =>
    ((spec[list] ?? []) as Json[]).map((each, index): [Json, string] => [each, `${at}.${list}[${index}]`]),
  );
}

/** Nearly nobody names profiles in annotations. */
function namesProfiles(metadata: ObjectMeta | undefined): boolean {
  for (const key in metadata?.annotations ?? {}) if (PREFIXES.some((prefix) => key.startsWith(prefix))) return true;
  return false;
}

const isWindows = (spec: Json): boolean => spec.os?.name === 'windows';

/** What the annotation says; null for what a field cannot say. */
function profileOf(annotation: string): Json {
  if (annotation === 'unconfined') return { type: 'Unconfined' };
  if (annotation === 'runtime/default') return { type: 'RuntimeDefault' };
  const file = annotation.startsWith(LOCALHOST) ? annotation.slice(LOCALHOST.length) : '';
  return file !== '' && file.trim() === file && file.length <= 4095
    ? { type: 'Localhost', localhostProfile: file }
    : null;
}

/** Fills in fields of a new pod, in place. The advice that goes with it. */
export function takeProfiles({ metadata, spec }: KubeObject): string[] {
  if (spec === undefined || !namesProfiles(metadata) || isWindows(spec)) return [];
  return containersOf(spec, '').flatMap(([container]) => {
    const said = profileWarnings(metadata, spec, container, 'metadata.annotations');
    const profile = said.length > 0 ? profileOf(metadata.annotations![`${APP_ARMOR}${container.name}`]!) : null;
    if (profile !== null) container.securityContext = { ...container.securityContext, appArmorProfile: profile };
    return said;
  });
}

/** Of an annotation that says something which the fields do not. */
export function profileWarnings(metadata: ObjectMeta | undefined, spec: Json, container: Json, at: string): string[] {
  const key = `${APP_ARMOR}${container.name}`;
  const annotation = metadata?.annotations?.[key];
  if (annotation === undefined || container.securityContext?.appArmorProfile) return [];
  const shared = spec.securityContext?.appArmorProfile;
  if (shared && equalJson(profileOf(annotation), shared)) return [];
  return [`${at}[${key}]: deprecated since v1.30; use the "appArmorProfile" field instead`];
}

/** The annotations of a pod or template as such. */
export function validateProfiles(metadata: ObjectMeta | undefined, spec: Json, at: string): FieldError[] {
  if (!namesProfiles(metadata)) return [];
  const annotations = Object.entries(metadata?.annotations ?? {});
  const names = new Set(containersOf(spec, '').map(([{ name }]) => name));
  const seccomp = ([key, value]: [string, string]): FieldError[] => {
    const where = `${at}.${key}`;
    if (['runtime/default', 'docker/default', 'unconfined'].includes(value)) return [];
    return value.startsWith(LOCALHOST)
      ? localPath(value.slice(LOCALHOST.length), where)
      : [invalidValue(where, value, 'must be a valid seccomp profile')];
  };
  const appArmor = ([key, value]: [string, string]): FieldError[] => {
    const name = key.slice(APP_ARMOR.length);
    const known = ['', 'runtime/default', 'unconfined'].includes(value) || value.startsWith(LOCALHOST);
    const wrong = `invalid AppArmor profile name: ${JSON.stringify(value)}`;
    return [
      ...(names.has(name) ? [] : [invalidValue(`${at}[${key}]`, name, 'container not found')]),
      ...(known ? [] : [invalidValue(`${at}[${key}]`, value, wrong)]),
    ];
  };
  return [
    ...annotations.filter(([key]) => key === SECCOMP).flatMap(seccomp),
    ...annotations.filter(([key]) => key.startsWith(CONTAINER_SECCOMP)).flatMap(seccomp),
    ...annotations.filter(([key]) => key.startsWith(APP_ARMOR)).flatMap(appArmor),
  ];
}

/** Annotations and fields of a new pod, or of a template, that say different things. */
export function validateProfileFields(metadata: ObjectMeta | undefined, spec: Json, at: string): FieldError[] {
  if (!namesProfiles(metadata)) return [];
  const noted = metadata?.annotations ?? {};
  const containers = containersOf(spec, at);
  const runtimes = ['runtime/default', 'docker/default'];
  const own = (security: Json, key: string, where: string) =>
    differing('seccomp', noted[key], security?.seccompProfile, `${where}.securityContext.seccompProfile`, runtimes);
  const shared = spec.securityContext?.appArmorProfile;
  return [
    ...own(spec.securityContext, SECCOMP, at),
    ...containers.flatMap(([{ name, securityContext }, where]) =>
      own(securityContext, `${CONTAINER_SECCOMP}${name}`, where),
    ),
    ...(isWindows(spec) ? [] : containers).flatMap(([{ name, securityContext }, where]) =>
      differing(
        'apparmor',
        noted[`${APP_ARMOR}${name}`],
        securityContext?.appArmorProfile ?? shared,
        `${where}.securityContext.appArmorProfile`,
        ['runtime/default'],
      ),
    ),
  ];
}

function differing(
  what: string,
  annotation: string | undefined,
  profile: Json,
  at: string,
  runtimes: readonly string[],
): FieldError[] {
  if (annotation === undefined || !profile) return [];
  const { type, localhostProfile } = profile;
  const other = [forbiddenField(`${at}.type`, `${what} type in annotation and field must match`)];
  if (type === 'Unconfined') return annotation === 'unconfined' ? [] : other;
  if (type === 'RuntimeDefault') return runtimes.includes(annotation) ? [] : other;
  if (type !== 'Localhost') return [];
  if (!annotation.startsWith(LOCALHOST)) return other;
  return annotation.slice(LOCALHOST.length) === localhostProfile
    ? []
    : [forbiddenField(`${at}.localhostProfile`, `${what} profile in annotation and field must match`)];
}

/** What a pod says of AppArmor in its annotations stays as it was made. */
export function validateProfileChange(next: ObjectMeta, before: ObjectMeta): FieldError[] {
  const [given, old] = [next.annotations ?? {}, before.annotations ?? {}];
  const told = (keys: string[], verb: string) =>
    keys
      .filter((key) => key.startsWith(APP_ARMOR))
      .map((key) => forbiddenField(`metadata.annotations[${key}]`, `may not ${verb} AppArmor annotations`));
  return [
    ...told(
      Object.keys(old).filter((key) => given[key] !== old[key]),
      'remove or update',
    ),
    ...told(
      Object.keys(given).filter((key) => old[key] === undefined),
      'add',
    ),
  ];
}
