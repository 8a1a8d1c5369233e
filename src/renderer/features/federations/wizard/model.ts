/**
 * What a person enters in the workload wizard, as plain data, and what is wrong with it. Pure: the objects are made in
 * `objects.ts`, the form only shows and changes this.
 */
import type { TextKey, TextParams } from '#shared/i18n/index.ts';
import { objectNamePattern } from '#shared/names.ts';

export interface Pair {
  key: string;
  value: string;
}

export interface PortLine {
  port: number | null;
  protocol: 'TCP' | 'UDP' | 'SCTP';
}

export const formKinds = ['Deployment', 'StatefulSet', 'DaemonSet', 'Job'] as const;
export type FormKind = (typeof formKinds)[number];

export interface TemplateForm {
  kind: FormKind;
  name: string;
  namespace: string;
  image: string;
  replicas: number | null;
  ports: readonly PortLine[];
  labels: readonly Pair[];
  env: readonly Pair[];
}

/** What differs in one cluster. */
export interface Difference {
  enabled: boolean;
  labels: readonly Pair[];
  annotations: readonly Pair[];
  /** Empty: the template's. */
  image: string;
  /** RFC 6902 text; empty: none. */
  patch: string;
}

export interface Scheduling {
  clusters: readonly string[];
  strategy: 'duplicated' | 'weighted';
  /** By cluster name; 1 where nothing was entered. */
  weights: Readonly<Record<string, number>>;
  tolerationSeconds: number | null;
  propagateDeps: boolean;
  differences: Readonly<Record<string, Difference>>;
}

export interface Draft {
  mode: 'form' | 'yaml';
  form: TemplateForm;
  templateYaml: string;
  scheduling: Scheduling;
  /** Texts of step 3 that a person changed; they win over what the earlier steps say until generated again. */
  edited: Partial<Record<'template' | 'policy' | 'override', string>>;
}

export const noDifference: Difference = { enabled: false, labels: [], annotations: [], image: '', patch: '' };

/** Manual 5.3.2: both taints are tolerated for 300 s by default. */
export const DEFAULT_TOLERATION_SECONDS = 300;

export function emptyDraft(clusters: readonly string[] = []): Draft {
  return {
    mode: 'form',
    form: {
      kind: 'Deployment',
      name: '',
      namespace: 'default',
      image: '',
      replicas: 2,
      ports: [],
      labels: [],
      env: [],
    },
    templateYaml: '',
    scheduling: {
      clusters,
      strategy: 'weighted',
      weights: {},
      tolerationSeconds: DEFAULT_TOLERATION_SECONDS,
      propagateDeps: true,
      differences: {},
    },
    edited: {},
  };
}

export function hasReplicas(kind: string): boolean {
  return kind === 'Deployment' || kind === 'StatefulSet' || kind === 'Job' || kind === 'ReplicaSet';
}

export function weightOf(scheduling: Scheduling, cluster: string): number {
  return scheduling.weights[cluster] ?? 1;
}

/** A problem, by the field it belongs to (`name`, `image`, `ports`, `differences.<cluster>.patch`). */
export interface Problem {
  field: string;
  text: TextKey;
  params?: TextParams;
}

export function templateProblems(form: TemplateForm): Problem[] {
  const problems: Problem[] = [];
  const add = (field: string, text: TextKey, params?: TextParams) =>
    problems.push(params === undefined ? { field, text } : { field, text, params });
  if (form.name === '') add('name', 'common.invalid.required');
  else if (!objectNamePattern.test(form.name)) add('name', 'common.invalid.objectName');
  if (form.namespace === '') add('namespace', 'common.invalid.required');
  else if (!objectNamePattern.test(form.namespace)) add('namespace', 'common.invalid.objectName');
  if (form.image.trim() === '') add('image', 'common.invalid.required');
  if (hasReplicas(form.kind) && !isWhole(form.replicas, 0, 100_000))
    add('replicas', 'common.invalid.number', { min: 0, max: 100_000 });
  if (form.ports.some(({ port }) => !isWhole(port, 1, 65_535))) add('ports', 'wizard.problems.ports');
  const label = pairProblem(form.labels, isLabel);
  if (label !== null) add('labels', label.text, label.params);
  const env = form.env.find(({ key }) => !/^[A-Za-z_.-][\w.-]*$/.test(key));
  if (env !== undefined) add('env', 'wizard.problems.env', { key: env.key });
  return problems;
}

export function schedulingProblems(scheduling: Scheduling): Problem[] {
  const problems: Problem[] = [];
  if (scheduling.clusters.length === 0) problems.push({ field: 'clusters', text: 'wizard.chooseCluster' });
  if (scheduling.strategy === 'weighted' && scheduling.clusters.length > 0) {
    const weights = scheduling.clusters.map((cluster) => weightOf(scheduling, cluster));
    if (weights.every((weight) => weight === 0)) problems.push({ field: 'weights', text: 'wizard.problems.weights' });
  }
  for (const cluster of scheduling.clusters) {
    const difference = scheduling.differences[cluster];
    if (difference === undefined || !difference.enabled) continue;
    const label = pairProblem(difference.labels, isLabel);
    if (label !== null) problems.push({ field: `differences.${cluster}.labels`, ...label });
    const annotation = pairProblem(difference.annotations, ({ key }) => isLabelKey(key));
    if (annotation !== null) problems.push({ field: `differences.${cluster}.annotations`, ...annotation });
    const patch = parsePatch(difference.patch);
    if ('problem' in patch)
      problems.push({
        field: `differences.${cluster}.patch`,
        text: 'wizard.problems.patch',
        params: { message: patch.problem },
      });
  }
  return problems;
}

export function problemOf(problems: readonly Problem[], field: string): Problem | undefined {
  return problems.find((problem) => problem.field === field);
}

export interface PatchOperation {
  op: 'add' | 'remove' | 'replace';
  path: string;
  value?: unknown;
}

/** The operations Karmada's plaintext overrider knows; `move`, `copy` and `test` are refused here rather than by the server. */
export function parsePatch(text: string): { operations: PatchOperation[] } | { problem: string } {
  if (text.trim() === '') return { operations: [] };
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  if (!Array.isArray(value)) return { problem: 'a list [...] is expected' };
  const operations: PatchOperation[] = [];
  for (const [index, item] of value.entries()) {
    const { op, path } = (item ?? {}) as { op?: unknown; path?: unknown };
    if (op !== 'add' && op !== 'remove' && op !== 'replace')
      return { problem: `[${index}].op: add, remove or replace` };
    if (typeof path !== 'string' || !path.startsWith('/')) return { problem: `[${index}].path: /...` };
    const given = (item as { value?: unknown }).value;
    if (op !== 'remove' && given === undefined) return { problem: `[${index}].value` };
    operations.push(op === 'remove' ? { op, path } : { op, path, value: given });
  }
  return { operations };
}

function pairProblem(
  pairs: readonly Pair[],
  valid: (pair: Pair) => boolean,
): { text: TextKey; params?: TextParams } | null {
  const seen = new Set<string>();
  for (const pair of pairs) {
    if (!valid(pair)) return { text: 'common.invalid.label' };
    if (seen.has(pair.key)) return { text: 'wizard.problems.duplicateKey', params: { key: pair.key } };
    seen.add(pair.key);
  }
  return null;
}

const namePart = /^[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/;
const prefixPart = /^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$/;

/** Kubernetes label keys: an optional DNS prefix, a slash, a name of at most 63 characters. */
function isLabelKey(key: string): boolean {
  const slash = key.indexOf('/');
  return slash < 0 ? namePart.test(key) : prefixPart.test(key.slice(0, slash)) && namePart.test(key.slice(slash + 1));
}

function isLabel({ key, value }: Pair): boolean {
  return isLabelKey(key) && (value === '' || namePart.test(value));
}

function isWhole(value: number | null, min: number, max: number): boolean {
  return value !== null && Number.isInteger(value) && value >= min && value <= max;
}
