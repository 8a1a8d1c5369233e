/**
 * Texts that explain types and fields (kubectl explain, OpenAPI, table headers), as the real server publishes them. They
 * lie under resources/api-texts, one file per group of types, read when somebody asks and let go of afterwards: together
 * they are larger than all that a server at rest has to remember.
 */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** Texts of one type by field; that of the type itself is under the empty name. */
type TypeTexts = Readonly<Record<string, string>>;
type GroupTexts = Readonly<Record<string, TypeTexts>>;

const NONE: TypeTexts = {};
/** What follows explains the values that a field can have. */
const ENUMERATION = '\n\nPossible enum values:';

/** Lives at least as long as the work at hand, so that a document reads every file once. */
const loaded = new Map<string, WeakRef<GroupTexts>>();
/** What tables show: a few hundred short texts, asked for again and again. */
const shown = new Map<string, string>();

/** Texts of a type by id (`core.PodSpec`); `common.NAME` is one outside of all groups. */
export function textsOf(id: string): TypeTexts {
  const dot = id.indexOf('.');
  const own = groupTexts(id.slice(0, dot))[id.slice(dot + 1)];
  return own ?? NONE;
}

/** Text of one field as tables have it, without what OpenAPI adds; kept for the next who asks. */
export function fieldDescription(id: string, field: string): string {
  const key = `${id}.${field}`;
  let found = shown.get(key);
  if (found === undefined) {
    found = (textsOf(id)[field] ?? '').split(ENUMERATION, 1)[0] ?? '';
    shown.set(key, found);
  }
  return found;
}

function groupTexts(group: string): GroupTexts {
  const kept = loaded.get(group)?.deref();
  if (kept !== undefined) return kept;
  const texts = read(group);
  loaded.set(group, new WeakRef(texts));
  return texts;
}

/** The source's own folder, or the packed files beside the bundles, whose shared parts lie one folder below. */
const PLACES = import.meta.url.endsWith('.ts')
  ? ['../../../../../resources/api-texts/GROUP.json']
  : ['./api-texts/GROUP.json.gz', '../api-texts/GROUP.json.gz'];

function read(group: string): GroupTexts {
  for (const place of PLACES) {
    const file = fileURLToPath(new URL(place.replace('GROUP', group), import.meta.url));
    if (!existsSync(file)) continue;
    const data = readFileSync(file);
    return JSON.parse(String(file.endsWith('.gz') ? gunzipSync(data) : data));
  }
  return {};
}
