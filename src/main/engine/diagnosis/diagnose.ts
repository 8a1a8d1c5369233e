/**
 * From checks to an answer: steps with verdicts, hits followed to their roots, the same root told once, the most likely
 * one first with the chain that leads to it. Pure.
 */
import type { DiagnosisFinding, DiagnosisKind, DiagnosisReport, Link, ObjectName } from '#shared/contract/diagnosis.ts';
import type { FurtherCheck } from '#shared/diagnosis.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { FURTHER } from './causes/further.ts';
import { CHECKS, causeOf, words } from './causes/index.ts';
import { nameOf } from './hits.ts';
import { workloadOf } from './pods.ts';
import type { Check, DiagnosisStep, Hit, Words } from './types.ts';
import type { World } from './world.ts';

export type Judgement = Pick<DiagnosisReport, 'verdict' | 'conclusion' | 'findings' | 'steps' | 'partial' | 'unread'>;

const MOST_FINDINGS = 20;
const MOST_EVIDENCE = 12;
const MOST_OTHERS = 50;

/** `chosen`: further checks whose facts are in the world. */
export function judge(object: KubeObject, world: World, chosen: readonly FurtherCheck[] = []): Judgement {
  const steps: DiagnosisStep[] = [];
  const hits: Hit[] = [];
  const checks: [Check, FurtherCheck | null][] = [
    ...CHECKS[object.kind as DiagnosisKind].map((check): [Check, null] => [check, null]),
    ...chosen.map((one): [Check, FurtherCheck] => [FURTHER[one], one]),
  ];
  for (const [check, further] of checks) {
    const found = check.run(object, world);
    hits.push(...found);
    steps.push({ ...stepOf(check, found, object, world), further });
  }
  const findings = rank(hits, world);
  const unread = [...world.unread.values()];
  const partial = unread.length > 0;
  const [first] = findings;
  const verdict =
    first?.verdict ??
    (steps.some((step) => step.verdict === 'unknown' || step.verdict === 'forbidden') ? 'unknown' : 'healthy');
  const judged = steps.some((step) => step.verdict !== 'unknown' && step.verdict !== 'forbidden');
  return { verdict, conclusion: conclude(object, findings, { partial, judged }), findings, steps, partial, unread };
}

function stepOf(check: Check, found: readonly Hit[], object: KubeObject, world: World): Omit<DiagnosisStep, 'further'> {
  const missing = check.needs.flatMap((kind) => world.unread.get(kind) ?? []);
  const worst = found.some(({ verdict }) => verdict === 'fault') ? 'fault' : found.length > 0 ? 'warning' : undefined;
  return {
    id: check.id,
    title: check.title,
    verdict:
      worst ?? (missing.some(({ forbidden }) => forbidden) ? 'forbidden' : missing.length > 0 ? 'unknown' : 'ok'),
    evidence: (found.length > 0 ? found.flatMap(({ evidence }) => evidence) : check.looked(object, world)).slice(
      0,
      MOST_EVIDENCE,
    ),
    causes: [...new Set(found.map(({ cause }) => cause))],
    unread: missing.map(({ what }) => what),
  };
}

interface Path {
  links: Hit[];
  root: Hit;
  verdict: 'fault' | 'warning';
}

/** Every way from a hit down to one that nothing else explains. */
function pathsOf(hit: Hit, above: readonly Hit[] = []): Path[] {
  const links = [...above, hit];
  // A circle cannot be: checks are judged once. Depth is bounded all the same.
  if (hit.because.length === 0 || links.length > 8)
    return [{ links, root: hit, verdict: links.some(({ verdict }) => verdict === 'warning') ? 'warning' : 'fault' }];
  return hit.because.flatMap((inner) => pathsOf(inner, links));
}

const CONFIDENCE = { high: 3, medium: 2, low: 1 } as const;

export function rank(hits: readonly Hit[], world: World): DiagnosisFinding[] {
  const groups = new Map<string, Path[]>();
  for (const path of hits.flatMap((hit) => pathsOf(hit))) {
    const key = `${path.root.cause}/${ownerKey(path.root, world)}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [path]);
    else group.push(path);
  }
  const score = ({ root, verdict }: Path): number =>
    (verdict === 'fault' ? 1000 : 0) + causeOf(root.cause).rank * 4 + CONFIDENCE[root.confidence];
  return [...groups.values()]
    .map((paths) => [...paths].sort((a, b) => score(b) - score(a) || a.links.length - b.links.length))
    .sort(([a], [b]) => (a === undefined || b === undefined ? 0 : score(b) - score(a)))
    .slice(0, MOST_FINDINGS)
    .flatMap((paths) => (paths[0] === undefined ? [] : [findingOf(paths[0], paths)]));
}

/** Pods of one workload that fail for one reason are one finding, and so is what several checks say of one machine. */
function ownerKey({ object, params }: Hit, world: World): string {
  const found = world.get(object.kind, object.namespace, object.name);
  const owner = found === undefined || object.kind !== 'Pod' ? object : nameOf(workloadOf(world, found));
  return [
    owner.kind,
    owner.namespace,
    owner.name,
    params.container ?? '',
    object.kind === 'Pod' || object.kind === 'Node' ? '' : JSON.stringify(params),
  ].join('/');
}

function findingOf(path: Path, all: readonly Path[]): DiagnosisFinding {
  const { root, links, verdict } = path;
  const others = new Map<string, ObjectName>();
  for (const { root: other } of all) {
    const key = `${other.object.kind}/${other.object.namespace}/${other.object.name}`;
    if (!sameName(other.object, root.object)) others.set(key, other.object);
  }
  // What supports the root comes first, then what its symptoms showed.
  const alike = all.map((one) => one.root).filter(({ object }) => sameName(object, root.object));
  const evidence = [root, ...[...links].reverse().slice(1), ...alike].flatMap((one) => one.evidence);
  const seen = new Set<string>();
  return {
    cause: root.cause,
    verdict,
    confidence: root.confidence,
    object: root.object,
    sentence: words(root, 'says'),
    chain: links.map((one): Link => ({ cause: one.cause, object: one.object, sentence: words(one, 'says') })),
    evidence: evidence
      .filter((one) => {
        const key = JSON.stringify(one);
        return seen.has(key) ? false : Boolean(seen.add(key));
      })
      .slice(0, MOST_EVIDENCE),
    remedy: words(root, 'remedy'),
    commands: [...new Set([root, ...[...links].reverse().slice(1)].flatMap(({ commands }) => commands))].slice(0, 6),
    patch: root.patch,
    references: [...(causeOf(root.cause).references ?? [])],
    others: [...others.values()].slice(0, MOST_OTHERS),
  };
}

function sameName(a: ObjectName, b: ObjectName): boolean {
  return a.kind === b.kind && a.namespace === b.namespace && a.name === b.name;
}

/** `judged`: whether at least one step had all that it needs. */
function conclude(
  object: KubeObject,
  findings: readonly DiagnosisFinding[],
  { partial, judged }: { partial: boolean; judged: boolean },
): Words {
  const [first] = findings;
  const about = `${object.kind} ${object.metadata.namespace ? `${object.metadata.namespace}/` : ''}${object.metadata.name}`;
  if (first !== undefined) return first.sentence;
  if (!judged)
    return {
      zh: `无法判断 ${about} 是否正常：需要的信息没有读取到`,
      en: `Cannot tell whether ${about} works: what would show it could not be read`,
    };
  return partial
    ? {
        zh: `在可以读取的范围内没有发现 ${about} 的问题`,
        en: `Nothing wrong with ${about}, as far as it could be read`,
      }
    : { zh: `没有发现 ${about} 的问题`, en: `Nothing wrong with ${about}` };
}
