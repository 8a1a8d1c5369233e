/** What a search keeps of an object, and how it is matched. Pure. Objects come from clusters: nothing is taken on trust. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';

export interface Entry {
  namespace: string;
  name: string;
  /** What it can be found by besides its name, one fact per line, in lower case: `image nginx:1.27`. */
  facts: string;
}

export function entryOf(object: KubeObject): Entry {
  const { metadata } = object;
  const facts: string[] = [];
  for (const [key, value] of Object.entries(metadata.labels ?? {})) facts.push(`label ${key}=${value}`);
  for (const owner of listOf(metadata.ownerReferences)) facts.push(`owner ${owner.kind}/${owner.name}`);
  for (const image of imagesOf(object)) facts.push(`image ${image}`);
  for (const address of addressesOf(object)) facts.push(`ip ${address}`);
  if (typeof metadata.uid === 'string') facts.push(`uid ${metadata.uid}`);
  return { namespace: metadata.namespace ?? '', name: metadata.name ?? '', facts: facts.join('\n').toLowerCase() };
}

function imagesOf(object: KubeObject): string[] {
  const pod =
    object.kind === 'Pod'
      ? object.spec
      : (object.spec?.template?.spec ?? object.spec?.jobTemplate?.spec?.template?.spec);
  const images = [...listOf(pod?.initContainers), ...listOf(pod?.containers)].map(({ image }) => image);
  return [...new Set(images.filter((image) => typeof image === 'string'))];
}

function addressesOf({ spec, status }: KubeObject): string[] {
  const found: unknown[] = [
    status?.podIP,
    spec?.clusterIP === 'None' ? undefined : spec?.clusterIP,
    ...(Array.isArray(spec?.externalIPs) ? spec.externalIPs : []),
    ...listOf(status?.addresses).map(({ address }) => address),
    ...listOf(status?.loadBalancer?.ingress).flatMap(({ ip, hostname }) => [ip, hostname]),
    ...listOf(spec?.rules).map(({ host }) => host),
  ];
  return [...new Set(found.filter((value): value is string => typeof value === 'string' && value !== ''))];
}

function listOf(value: Json): Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

export interface Query {
  words: readonly string[];
  kinds: readonly string[];
  namespaces: readonly string[];
  clusters: readonly string[];
}

export function parseQuery(text: string): Query {
  const query = { words: [] as string[], kinds: [] as string[], namespaces: [] as string[], clusters: [] as string[] };
  for (const term of text
    .toLowerCase()
    .split(/\s+/)
    .filter((word) => word !== '')) {
    const [, name, value = ''] = /^(kind|ns|namespace|cluster|label):(.*)$/.exec(term) ?? [];
    if (name === undefined) query.words.push(term);
    else if (value === '') continue;
    else if (name === 'kind') query.kinds.push(value);
    else if (name === 'cluster') query.clusters.push(value);
    else if (name === 'label') query.words.push(`label ${value}`);
    else query.namespaces.push(value);
  }
  return query;
}

/** Null: does not match. The higher the better; `because` is the fact that a word was found in when the name has it not. */
export function rank(entry: Entry, words: readonly string[]): { score: number; because: string } | null {
  const name = entry.name.toLowerCase();
  let score = 0;
  let because = '';
  for (const word of words) {
    if (name === word) score += 100;
    else if (name.startsWith(word)) score += 60;
    else if (name.includes(`-${word}`)) score += 40;
    else if (name.includes(word)) score += 30;
    else if (entry.namespace.includes(word)) score += 10;
    else {
      const at = entry.facts.indexOf(word);
      if (at < 0) return null;
      const from = entry.facts.lastIndexOf('\n', at) + 1;
      const to = entry.facts.indexOf('\n', at);
      because = entry.facts.slice(from, to < 0 ? undefined : to);
      score += 15;
    }
  }
  return { score, because };
}
