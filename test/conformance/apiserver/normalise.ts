/**
 * Replaces what differs from run to run by markers, and puts in order what has none, so that two transcripts can be
 * compared strictly. Applying it twice gives the same as applying it once. Times before 2025 are a script's own and stay.
 */
import type { Json, RecordedStep, Transcript } from './types.ts';

type JsonObject = { [key: string]: Json | undefined };

const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g;
const TIME =
  /\b20(?:2[5-9]|[3-9]\d)-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(?: ?[+-]\d\d:?\d\d(?: [A-Z]+)?|Z)?(?: m=[+-][\d.]+)?/g;
const AGE = /^(\d+[smhdy])+$/;
const AGE_COLUMN = /^(Age|Last Schedule|Last Seen|First Seen|Duration)$/;
const ADDRESS = /^[\d.]+$|:/;
const SUFFIX = /^[a-z0-9]{5}$/;

/** In order; the first value that fits a key is replaced as a whole. */
const BY_KEY: [key: string, pattern: RegExp, marker: string][] = [
  ['resourceVersion', /^[1-9]\d*$/, '<rv>'],
  ['continue', /^[^<]/, '<continue>'],
  ['storageVersionHash', /./, '<hash>'],
  ['serverAddress', /./, '<server>'],
];

const EVERYWHERE: [pattern: RegExp, marker: string][] = [
  [UUID, '<uid>'],
  [/X509SHA256=[0-9a-f]{64}/g, 'X509SHA256=<hash>'],
  [/kube-api-access-[a-z0-9]{5}\b/g, 'kube-api-access-<gen>'],
  [/too old resource version: \d+ \(\d+\)/g, 'too old resource version: <rv> (<rv>)'],
  [/(Too large resource version: \d+, current: )\d+/g, '$1<rv>'],
  [/(the ResourceVersion in the (?:precondition|record)|in record) \(\d+\)/g, '$1 (<rv>)'],
  [/("resourceVersion\\*":\\*")[1-9]\d*(\\*")/g, '$1<rv>$2'],
  [/\n@@ -\d[\s\S]*$/, '\n<diff>'],
  [/ in scheme "[^"]+"/, ' in scheme "<scheme>"'],
];

export function normalise(transcript: Transcript): Transcript {
  const normaliser = new Normaliser();
  return { name: transcript.name, steps: transcript.steps.map((step) => normaliser.step(step)) };
}

/** Remembers, over one script, generated names and the last resource version of each object. */
class Normaliser {
  private readonly generated = new Map<string, string>();
  private readonly versions = new Map<string, string>();
  private inWatch = false;

  step(step: RecordedStep): RecordedStep {
    const result: RecordedStep = { ...step };
    if (step.headers !== undefined) {
      const names = Object.keys(step.headers).sort();
      result.headers = Object.fromEntries(
        names.map((name) => [name, this.value(step.headers![name] as Json, name) as string | string[]]),
      );
    }
    this.inWatch = step.events !== undefined;
    if (step.events !== undefined) result.events = step.events.map((event) => this.value(event, ''));
    if (step.body !== undefined) result.body = this.value(step.body, '');
    return result;
  }

  private value(value: Json, key: string): Json {
    if (typeof value === 'string') return this.text(value, key);
    if (typeof value === 'number') return /^(nodePort|healthCheckNodePort)$/.test(key) && value > 0 ? '<port>' : value;
    if (Array.isArray(value)) return this.list(value, key);
    if (value === null || typeof value !== 'object') return value;
    return this.object(value);
  }

  private text(text: string, key: string): string {
    for (const [of, pattern, marker] of BY_KEY) if (of === key && pattern.test(text)) return marker;
    if (/^eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+$/.test(text)) return '<jwt>';
    let result = text.replace(TIME, (_, fraction?: string) => (fraction?.length === 7 ? '<microtime>' : '<time>'));
    for (const [pattern, marker] of EVERYWHERE) result = result.replace(pattern, marker);
    for (const [name, marker] of this.generated) result = result.replaceAll(name, marker);
    return result;
  }

  private list(list: Json[], key: string): Json[] {
    if (key === 'clusterIPs') return list.map((item) => (ADDRESS.test(String(item)) ? '<ip>' : item));
    // Cells that were picked by themselves.
    if (key === 'rows.0.cells') return maskAges(list);
    const result = list.map((item) => this.value(item, key));
    if (!/(^|\.)managedFields$/.test(key)) return result;
    return sorted(result, (entry) => {
      const { operation, manager, apiVersion, subresource } = entry as JsonObject;
      return [operation, manager, apiVersion, subresource ?? ''].join('\0');
    });
  }

  private object(value: JsonObject): JsonObject {
    this.rememberGenerated(value);
    if (Array.isArray(value.rows)) {
      for (const row of value.rows) this.rememberGenerated((row as JsonObject).object as JsonObject);
    }
    const result: JsonObject = {};
    for (const [key, inner] of Object.entries(value)) {
      if (inner !== undefined) result[key.length > 36 ? key.replace(UUID, '<uid>') : key] = this.value(inner, key);
    }
    if (typeof result.clusterIP === 'string' && ADDRESS.test(result.clusterIP)) result.clusterIP = '<ip>';
    this.versionOf(value, result);
    reorder(result);
    maskKind(result);
    return result;
  }

  private rememberGenerated(object: JsonObject | undefined | null): void {
    const { generateName, name } = (object?.metadata ?? {}) as JsonObject;
    if (typeof generateName !== 'string' || typeof name !== 'string' || !name.startsWith(generateName)) return;
    if (SUFFIX.test(name.slice(generateName.length))) this.generated.set(name, `${generateName}<gen>`);
  }

  /** Whether a write changed an object shows in its resource version: new, or the same as last seen in the script. */
  private versionOf(value: JsonObject, result: JsonObject): void {
    const { uid, resourceVersion } = (value.metadata ?? {}) as JsonObject;
    if (typeof resourceVersion !== 'string' || !/^[1-9]\d*$/.test(resourceVersion)) return;
    let marker = '<rv>';
    if (typeof uid === 'string' && !this.inWatch) {
      const last = this.versions.get(uid);
      if (last !== undefined) marker = last === resourceVersion ? '<rv same>' : '<rv new>';
      this.versions.set(uid, resourceVersion);
    }
    (result.metadata as JsonObject).resourceVersion = marker;
  }
}

function reorder(object: JsonObject): void {
  if (object.kind === 'Status') reorderCauses(object);
  if (object.kind === 'APIGroupList') object.groups = byField(object.groups, 'name');
  if (object.kind === 'APIResourceList') object.resources = byField(object.resources, 'name');
  if (object.kind === 'APIGroupDiscoveryList') {
    object.items = sorted((object.items ?? []) as Json[], (group) =>
      String(((group as JsonObject).metadata as JsonObject | undefined)?.name ?? ''),
    );
    for (const group of object.items as JsonObject[]) {
      for (const version of (group.versions ?? []) as JsonObject[]) {
        version.resources = byField(version.resources, 'resource');
        for (const resource of (version.resources ?? []) as JsonObject[]) {
          if (resource.subresources !== undefined)
            resource.subresources = byField(resource.subresources, 'subresource');
        }
      }
    }
  }
  if (object.kind === 'SelfSubjectRulesReview') {
    const status = (object.status ?? {}) as JsonObject;
    for (const key of ['resourceRules', 'nonResourceRules'])
      if (Array.isArray(status[key])) status[key] = sorted(status[key], (rule) => JSON.stringify(rule));
  }
}

/** The order of several errors is not specified, and the message lists them too. */
function reorderCauses(status: JsonObject): void {
  const causes = (status.details as JsonObject | undefined)?.causes as JsonObject[] | undefined;
  if (causes === undefined || causes.length < 2) return;
  const listed = () => `[${causes.map(({ field, message }) => `${field}: ${message}`).join(', ')}]`;
  const before = listed();
  causes.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  if (typeof status.message === 'string') status.message = status.message.replace(before, listed);
}

function maskKind(object: JsonObject): void {
  if (object.kind === 'Secret' && object.type === 'kubernetes.io/service-account-token') {
    const data = (object.data ?? {}) as JsonObject;
    for (const key of ['token', 'ca.crt']) if (data[key]) data[key] = '<data>';
  }
  if (object.kind === 'Table' && Array.isArray(object.rows)) {
    const rows = object.rows as JsonObject[];
    if (Array.isArray(object.columnDefinitions)) maskCells(object.columnDefinitions as JsonObject[], rows);
    // Later events of a watch leave the columns out.
    else for (const row of rows) row.cells = maskAges((row.cells ?? []) as Json[]);
  }
  if (typeof object.gitVersion === 'string' && object.platform) {
    for (const key of Object.keys(object)) {
      if (/^(emulation|minCompat)/.test(key)) delete object[key];
      else object[key] = '<build>';
    }
  }
}

/** Without their columns: an age is what looks like one. */
function maskAges(cells: readonly Json[]): Json[] {
  return cells.map((cell) => (typeof cell === 'string' && AGE.test(cell) ? '<age>' : cell));
}

function maskCells(columns: JsonObject[], rows: JsonObject[]): void {
  columns.forEach(({ name, type }, index) => {
    for (const { cells } of rows) {
      const cell = Array.isArray(cells) ? cells[index] : undefined;
      if (typeof cell !== 'string') continue;
      if ((AGE_COLUMN.test(String(name)) || type === 'date') && AGE.test(cell)) (cells as Json[])[index] = '<age>';
      if (/^cluster-ip$/i.test(String(name)) && ADDRESS.test(cell)) (cells as Json[])[index] = '<ip>';
      if (/^port\(s\)$/i.test(String(name))) (cells as Json[])[index] = cell.replace(/:3[0-2]\d{3}\//g, ':<port>/');
    }
  });
}

function byField(list: Json | undefined, field: string): Json[] {
  return sorted((list ?? []) as Json[], (item) => String((item as JsonObject)[field]));
}

function sorted(list: Json[], key: (item: Json) => string): Json[] {
  return [...list].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0));
}
