/**
 * What a check of the Pod Security Standards is, and how it names what it found.
 * Source: Kubernetes documentation, "Pod Security Standards".
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

/** The part of a pod, or of a pod template, that checks look at. */
export type PodLike = Pick<KubeObject, 'metadata' | 'spec'>;

export interface Finding {
  /** `hostPort`. */
  reason: string;
  /** `container "web" uses hostPort 80`; empty when the reason says it all. */
  detail: string;
}

export interface Check {
  id: string;
  level: 'baseline' | 'restricted';
  /** Minor of the Kubernetes version whose standards have it first. */
  since: number;
  /** Baseline checks that this one makes superfluous. */
  overrides?: string[];
  /** `minor` is the version of the standards asked for. Null: nothing to object to. */
  run(pod: PodLike, minor: number): Finding | null;
}

/** Every container, in the order in which they run. */
export function containersOf(pod: PodLike): Json[] {
  const { initContainers, containers, ephemeralContainers } = pod.spec ?? {};
  return [...(initContainers ?? []), ...(containers ?? []), ...(ephemeralContainers ?? [])];
}

/** Names of the containers for which `bad` holds. */
export function namesOf(pod: PodLike, bad: (container: Json) => boolean): string[] {
  return containersOf(pod)
    .filter(bad)
    .map((container) => String(container.name));
}

/** `container "a"`, `containers "a", "b"`. */
export function containers(names: readonly string[]): string {
  return `${plural(names, 'container')} ${quoted(names)}`;
}

/** `pod`, `container "a"`, `pod and containers "a", "b"`; null when nobody set it. */
export function setters(pod: boolean, names: readonly string[]): string | null {
  const parts = [...(pod ? ['pod'] : []), ...(names.length > 0 ? [containers(names)] : [])];
  return parts.length === 0 ? null : parts.join(' and ');
}

export function plural(items: readonly unknown[], word: string, words = `${word}s`): string {
  return items.length === 1 ? word : words;
}

export function quoted(items: readonly string[]): string {
  return items.map((item) => `"${item}"`).join(', ');
}

/** Without repetition, in order. */
export function sortedSet(items: Iterable<string>): string[] {
  return [...new Set(items)].sort();
}

/** Since 1.35 a pod with a user namespace of its own may do what is harmless there. Source: KEP-127. */
export function ownUsers(pod: PodLike, minor: number): boolean {
  return minor >= 35 && pod.spec?.hostUsers === false;
}

/** Linux settings do not apply to pods that say they are for Windows (since 1.25). */
export function isWindows(pod: PodLike, minor: number): boolean {
  return minor >= 25 && pod.spec?.os?.name === 'windows';
}
