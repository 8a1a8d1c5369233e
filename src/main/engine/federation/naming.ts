/** Names that Karmada derives from other names; other tools compute the same, so they must match to the letter. */

const ALPHABET = 'bcdfghjklmnpqrstvwxz2456789';
const encoder = new TextEncoder();

/** FNV-1a, 32 bit, over the UTF-8 text. */
export function fnv1a32(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of encoder.encode(text)) hash = Math.imul(hash ^ byte, 0x01000193);
  return hash >>> 0;
}

/** A number in the alphabet without vowels and look-alikes (apimachinery's rand.SafeEncodeString of its decimal text). */
export function safeEncode(number: number): string {
  let out = '';
  for (const char of String(number)) out += ALPHABET[char.charCodeAt(0) % 27];
  return out;
}

const dotted = (name: string): string => name.replaceAll(':', '.').toLowerCase();

/** Name of the Work that carries one template to one cluster. */
export function workName(kind: string, name: string, namespace: string | undefined): string {
  const identity = namespace === undefined || namespace === '' ? `${name}-${kind}` : `${namespace}-${name}-${kind}`;
  return `${dotted(name)}-${safeEncode(fnv1a32(identity.toLowerCase()))}`;
}

/** Name of the ResourceBinding or ClusterResourceBinding of a template. */
export function bindingName(kind: string, name: string): string {
  return `${name.replaceAll(':', '.')}-${kind}`.toLowerCase();
}

/** Suffix of the label that ties an attached binding to the one that needs it. */
export function dependedByHash(namespace: string | undefined, name: string): string {
  return safeEncode(fnv1a32(namespace === undefined || namespace === '' ? name : `${namespace}/${name}`));
}

/** Name of a policy that the command line makes for one object: `apps/v1, Kind=Deployment` or `/v1, Kind=ConfigMap`. */
export function generatedPolicyName(namespace: string, name: string, gvk: string): string {
  return `${name}-${safeEncode(fnv1a32(namespace + gvk))}`.toLowerCase();
}

const EXECUTION_PREFIX = 'karmada-es-';
export function executionNamespace(cluster: string): string {
  return EXECUTION_PREFIX + cluster;
}
/** The cluster whose Works a namespace holds, or null for any other namespace. */
export function clusterOfExecutionNamespace(namespace: string): string | null {
  return namespace.startsWith(EXECUTION_PREFIX) ? namespace.slice(EXECUTION_PREFIX.length) : null;
}
