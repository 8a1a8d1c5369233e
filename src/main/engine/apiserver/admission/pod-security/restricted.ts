/** What the restricted level asks for beyond baseline, in the order of reports. Source: "Pod Security Standards". */
import type { Json } from '#shared/kubernetes/types.ts';
import { badSeccomp, procMount, seccompType } from './baseline.ts';
import {
  type Check,
  containers,
  containersOf,
  type Finding,
  isWindows,
  namesOf,
  ownUsers,
  type PodLike,
  plural,
  quoted,
  setters,
  sortedSet,
} from './checks.ts';

const VOLUMES = [
  'configMap',
  'csi',
  'downwardAPI',
  'emptyDir',
  'ephemeral',
  'image',
  'persistentVolumeClaim',
  'projected',
  'secret',
];

export const restrictedChecks: readonly Check[] = [
  {
    id: 'allowPrivilegeEscalation',
    level: 'restricted',
    since: 8,
    run: (pod, minor) => {
      if (isWindows(pod, minor)) return null;
      const bad = namesOf(pod, (container) => container.securityContext?.allowPrivilegeEscalation !== false);
      if (bad.length === 0) return null;
      return {
        reason: 'allowPrivilegeEscalation != false',
        detail: `${containers(bad)} must set securityContext.allowPrivilegeEscalation=false`,
      };
    },
  },
  {
    id: 'capabilities_restricted',
    level: 'restricted',
    since: 22,
    overrides: ['capabilities_baseline'],
    run: capabilities,
  },
  { id: 'procMount_restricted', level: 'restricted', since: 35, overrides: ['procMount'], run: procMount },
  { id: 'restrictedVolumes', level: 'restricted', since: 0, overrides: ['hostPathVolumes'], run: volumes },
  {
    id: 'runAsNonRoot',
    level: 'restricted',
    since: 0,
    run: (pod, minor) => (ownUsers(pod, minor) ? null : nonRoot(pod)),
  },
  {
    id: 'runAsUser',
    level: 'restricted',
    since: 23,
    run: (pod, minor) => {
      if (ownUsers(pod, minor)) return null;
      const root = (holder: Json): boolean => holder?.securityContext?.runAsUser === 0;
      const who = setters(root(pod.spec), namesOf(pod, root));
      return who === null ? null : { reason: 'runAsUser=0', detail: `${who} must not set runAsUser=0` };
    },
  },
  {
    id: 'seccompProfile_restricted',
    level: 'restricted',
    since: 19,
    overrides: ['seccompProfile_baseline'],
    run: (pod, minor) => {
      if (isWindows(pod, minor)) return null;
      const bad = badSeccomp(pod);
      if (bad !== null) return bad;
      if (seccompType(pod.spec) !== undefined) return null;
      const without = namesOf(pod, (container) => seccompType(container) === undefined);
      if (without.length === 0) return null;
      return {
        reason: 'seccompProfile',
        detail: `pod or ${containers(without)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
      };
    },
  },
];

function capabilities(pod: PodLike, minor: number): Finding | null {
  if (isWindows(pod, minor)) return null;
  const of = (container: Json): Json => container.securityContext?.capabilities ?? {};
  const added = (container: Json): string[] =>
    (of(container).add ?? []).filter((name: string) => name !== 'NET_BIND_SERVICE');
  const keeping = namesOf(pod, (container) => !(of(container).drop ?? []).includes('ALL'));
  const adding = namesOf(pod, (container) => added(container).length > 0);
  const problems: string[] = [];
  if (keeping.length > 0) problems.push(`${containers(keeping)} must set securityContext.capabilities.drop=["ALL"]`);
  if (adding.length > 0) {
    const names = quoted(sortedSet(containersOf(pod).flatMap(added)));
    problems.push(`${containers(adding)} must not include ${names} in securityContext.capabilities.add`);
  }
  return problems.length === 0 ? null : { reason: 'unrestricted capabilities', detail: problems.join('; ') };
}

function volumes({ spec }: PodLike): Finding | null {
  const bad = ((spec?.volumes ?? []) as Json[]).filter((volume) => !VOLUMES.some((type) => volume[type] !== undefined));
  if (bad.length === 0) return null;
  const names = bad.map((volume) => String(volume.name));
  const types = sortedSet(bad.map((volume) => Object.keys(volume).find((key) => key !== 'name') ?? 'unknown'));
  const what = plural(types, 'restricted volume type');
  return {
    reason: 'restricted volume types',
    detail: `${plural(names, 'volume')} ${quoted(names)} ${plural(names, 'uses', 'use')} ${what} ${quoted(types)}`,
  };
}

function nonRoot(pod: PodLike): Finding | null {
  const reason = 'runAsNonRoot != true';
  const said = (holder: Json): boolean | undefined => holder?.securityContext?.runAsNonRoot ?? undefined;
  const who = setters(
    said(pod.spec) === false,
    namesOf(pod, (container) => said(container) === false),
  );
  if (who !== null) return { reason, detail: `${who} must not set securityContext.runAsNonRoot=false` };
  if (said(pod.spec) === true) return null;
  const silent = namesOf(pod, (container) => said(container) === undefined);
  if (silent.length === 0) return null;
  return { reason, detail: `pod or ${containers(silent)} must set securityContext.runAsNonRoot=true` };
}
