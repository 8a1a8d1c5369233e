/**
 * What the labels of a namespace ask for, and what a pod would violate. Source: Kubernetes documentation, "Enforce Pod
 * Security Standards with Namespace Labels".
 */
import type { FieldError } from '../../types.ts';
import { baselineChecks } from './baseline.ts';
import type { Finding, PodLike } from './checks.ts';
import { restrictedChecks } from './restricted.ts';

export type Level = 'privileged' | 'baseline' | 'restricted';

export interface LevelVersion {
  level: Level;
  /** `latest` or `v1.<minor>`. */
  version: string;
}

export interface PodSecurityPolicy {
  enforce: LevelVersion;
  audit: LevelVersion;
  warn: LevelVersion;
}

const LEVELS: readonly string[] = ['privileged', 'baseline', 'restricted'];
const PREFIX = 'pod-security.kubernetes.io/';
const OPEN: LevelVersion = { level: 'privileged', version: 'latest' };
export const PRIVILEGED: PodSecurityPolicy = { enforce: OPEN, audit: OPEN, warn: OPEN };

/** A policy always comes out; errors say which labels could not be read. */
export function policyOf(labels: Readonly<Record<string, string>> | undefined): {
  policy: PodSecurityPolicy;
  errors: FieldError[];
} {
  const errors: FieldError[] = [];
  if (labels === undefined || !Object.keys(labels).some((label) => label.startsWith(PREFIX)))
    return { policy: PRIVILEGED, errors };
  const level = (mode: string, unreadable: Level): Level => {
    const given = labels[PREFIX + mode] ?? 'privileged';
    if (LEVELS.includes(given)) return given as Level;
    errors.push(invalidLabel(mode, given, `must be one of ${LEVELS.join(', ')}`));
    return unreadable;
  };
  const version = (mode: string): string => {
    const given = labels[`${PREFIX}${mode}-version`] ?? 'latest';
    if (given === 'latest' || /^v1\.(0|[1-9]\d*)$/.test(given)) return given;
    errors.push(invalidLabel(`${mode}-version`, given, 'must be "latest" or "v1.x"'));
    return 'latest';
  };
  // Enforcing fails closed, advice fails open.
  const enforce = { level: level('enforce', 'restricted'), version: version('enforce') };
  const readable = LEVELS.includes(labels[`${PREFIX}enforce`] ?? '');
  const audit = { level: level('audit', 'privileged'), version: version('audit') };
  let warn = { level: level('warn', 'privileged'), version: version('warn') };
  // Who enforces a level wants to be warned of what it will refuse.
  if (labels[`${PREFIX}warn`] === undefined && readable && strictness(enforce.level) > strictness(warn.level))
    warn = {
      level: enforce.level,
      version: labels[`${PREFIX}warn-version`] === undefined ? enforce.version : warn.version,
    };
  return { policy: { enforce, audit, warn }, errors };
}

function invalidLabel(label: string, value: string, detail: string): FieldError {
  return {
    type: 'FieldValueInvalid',
    field: `metadata.labels[${PREFIX}${label}]`,
    message: `Invalid value: ${JSON.stringify(value)}: ${detail}`,
  };
}

export function strictness(level: Level): number {
  return LEVELS.indexOf(level);
}

export function policyText({ level, version }: LevelVersion): string {
  return `${level}:${version}`;
}

export function sameLevel(a: LevelVersion, b: LevelVersion): boolean {
  return a.level === b.level && a.version === b.version;
}

/** Everything the pod violates, baseline first. */
export function violations({ level, version }: LevelVersion, pod: PodLike): Finding[] {
  if (level === 'privileged') return [];
  const minor = version === 'latest' ? Number.POSITIVE_INFINITY : Number(version.slice('v1.'.length));
  const restricted = level === 'restricted' ? restrictedChecks.filter((check) => check.since <= minor) : [];
  const overridden = new Set(restricted.flatMap((check) => check.overrides ?? []));
  const baseline = baselineChecks.filter((check) => check.since <= minor && !overridden.has(check.id));
  return [...baseline, ...restricted]
    .map((check) => check.run(pod, minor))
    .filter((found): found is Finding => found !== null);
}

/** `hostPort (container "a" uses hostPort 80), privileged (...)`. */
export function findingsText(findings: readonly Finding[]): string {
  return findings.map(({ reason, detail }) => (detail === '' ? reason : `${reason} (${detail})`)).join(', ');
}
