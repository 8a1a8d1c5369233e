/** The registration wizard's state as plain data: candidates out of kubeconfigs, what is chosen, what stands in the way. Pure. */
import type {
  ClusterType,
  ConnectionCheck,
  KubeconfigContents,
  KubeconfigContext,
  KubeconfigSource,
} from '#shared/contract/clusters.ts';
import type { AppErrorShape, ErrorCode } from '#shared/errors.ts';
import type { TextKey } from '#shared/i18n/index.ts';
import { clusterNamePattern } from '#shared/names.ts';

export interface Candidate {
  key: string;
  source: KubeconfigSource;
  /** Where it was found, as a person knows it: a path, or the name of a file that was dropped; empty: pasted. */
  origin: string;
  context: KubeconfigContext;
  chosen: boolean;
  name: string;
  /** The person has read the exec plugin's command and lets it run. */
  approved: boolean;
  /** Register although it does not answer. */
  force: boolean;
  /** What the person says otherwise than the detection. */
  corrected: { type?: ClusterType; provider?: string; region?: string; zones?: string[] };
  check: { running: boolean; result: ConnectionCheck | null; error: AppErrorShape | null };
  registration: 'none' | 'running' | 'done';
  registrationError: AppErrorShape | null;
}

/** The contexts of one kubeconfig as candidates; the current one is chosen when it can be, else the only one. */
export function candidatesOf(
  contents: KubeconfigContents,
  source: KubeconfigSource,
  taken: ReadonlySet<string>,
  place = 0,
  origin = source.kind === 'file' ? source.path : '',
): Candidate[] {
  const used = new Set(taken);
  const usable = contents.contexts.filter(isUsable);
  return contents.contexts.map((context) => {
    const name = freeName(context.suggestedName, used);
    used.add(name);
    return {
      key: `${source.kind === 'file' ? source.path : `text ${place}`}#${context.context}`,
      source,
      origin,
      context,
      chosen: isUsable(context) && (context.context === contents.currentContext || usable.length === 1),
      name,
      approved: false,
      force: false,
      corrected: {},
      check: { running: false, result: null, error: null },
      registration: 'none',
      registrationError: null,
    };
  });
}

/** Of several kubeconfigs: contexts of one name in several files stay apart, their names here are made different. */
export function candidatesOfAll(
  found: readonly { contents: KubeconfigContents; source: KubeconfigSource; origin?: string | undefined }[],
  taken: ReadonlySet<string>,
): Candidate[] {
  const used = new Set(taken);
  return found.flatMap(({ contents, source, origin }, place) => {
    const candidates = candidatesOf(contents, source, used, place, origin);
    for (const { name } of candidates) used.add(name);
    return candidates;
  });
}

export function isUsable(context: KubeconfigContext): boolean {
  return context.registeredAs === null;
}

/** Whether a person may say yes or no to it: what is registered already stays. */
export function mayBeChosen(candidate: Candidate): boolean {
  return isUsable(candidate.context) && candidate.registration === 'none';
}

function freeName(wanted: string, used: ReadonlySet<string>): string {
  if (!used.has(wanted)) return wanted;
  // A number that already tells it from another of that name is counted on: `prod-3`, not `prod-2-2`.
  const [, numbered = ''] = /^(.+)-\d+$/.exec(wanted) ?? [];
  const base = used.has(numbered) ? numbered : wanted;
  for (let number = 2; ; number++) {
    const suffix = `-${number}`;
    const name = `${base.slice(0, 40 - suffix.length)}${suffix}`;
    if (!used.has(name)) return name;
  }
}

/** What is wrong with a candidate's name, if anything. */
export function nameProblem(
  candidate: Candidate,
  all: readonly Candidate[],
  taken: ReadonlySet<string>,
): TextKey | undefined {
  if (candidate.name === '') return 'common.invalid.required';
  if (!clusterNamePattern.test(candidate.name)) return 'common.invalid.clusterName';
  const twice = all.some((other) => other !== candidate && other.chosen && other.name === candidate.name);
  return taken.has(candidate.name) || twice ? 'common.invalid.taken' : undefined;
}

export function needsApproval(candidate: Candidate): boolean {
  return candidate.context.exec !== null && !candidate.approved;
}

/** The candidate before this one that turned out to be the same cluster, reached in another way: only one is registered. */
export function twinOf(candidate: Candidate, all: readonly Candidate[]): Candidate | undefined {
  const uidOf = ({ check }: Candidate) => check.result?.detected?.uid ?? '';
  if (uidOf(candidate) === '' || candidate.registration === 'done') return undefined;
  const before = all.slice(0, all.indexOf(candidate));
  const done = all.filter(({ registration }) => registration === 'done');
  return [...done, ...before].find((other) => other.chosen && uidOf(other) === uidOf(candidate));
}

/** Whether a checked candidate may be registered now. */
export function isReady(candidate: Candidate, all: readonly Candidate[]): boolean {
  if (!candidate.chosen || candidate.registration !== 'none' || candidate.check.running) return false;
  if (twinOf(candidate, all) !== undefined) return false;
  return candidate.check.result?.ok === true || candidate.force;
}

/** Failures that do not pass by themselves once the cluster answers: its version, no room for one more. */
const FINAL: ReadonlySet<ErrorCode | undefined> = new Set(['UNSUPPORTED', 'REFUSED']);

/** A failed check may be overridden only where the cluster may come back by itself; a broken kubeconfig will not. */
export function canForce(candidate: Candidate): boolean {
  const failed = candidate.check.result?.steps.find(({ result }) => result === 'failed');
  return (
    failed !== undefined &&
    failed.step !== 'kubeconfig' &&
    !FINAL.has(failed.error?.code) &&
    !(failed.step === 'credentials' && candidate.context.exec !== null)
  );
}
