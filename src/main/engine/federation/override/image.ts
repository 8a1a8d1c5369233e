/** Image references: taken apart, changed by component, put together. Source: distribution reference grammar. */

export interface ImageParts {
  /** Empty for an image without a registry. */
  registry: string;
  repository: string;
  tag: string;
  digest: string;
}

const DOMAIN_PART = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const DOMAIN = `(?:${DOMAIN_PART}(?:\\.${DOMAIN_PART})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`;
const PATH_PART = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}';
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}';
const REFERENCE = new RegExp(`^((?:${DOMAIN}/)?${PATH_PART}(?:/${PATH_PART})*)(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const ONLY_TAG = new RegExp(`^${TAG}$`);
const ONLY_DIGEST = new RegExp(`^${DIGEST}$`);
const HEX_LENGTH: Record<string, number> = { sha256: 64, sha384: 96, sha512: 128 };
const MAX_NAME_LENGTH = 255;

/** Null for what is no image reference. With tag and digest both, the tag is kept and the digest dropped. */
export function parseImage(image: string): ImageParts | null {
  const match = REFERENCE.exec(image);
  const name = match?.[1];
  if (!match || name === undefined || name.length > MAX_NAME_LENGTH) return null;
  const digest = match[3] ?? '';
  if (digest !== '' && !isValidDigest(digest)) return null;
  const tag = match[2] ?? '';
  return { ...splitRegistry(name), tag, digest: tag === '' ? digest : '' };
}

function isValidDigest(digest: string): boolean {
  const colon = digest.indexOf(':');
  const length = HEX_LENGTH[digest.slice(0, colon)];
  const hex = digest.slice(colon + 1);
  return length === hex.length && /^[0-9a-f]+$/.test(hex);
}

/** The first segment is a registry when it looks like a host. */
function splitRegistry(name: string): { registry: string; repository: string } {
  const slash = name.indexOf('/');
  const first = slash < 0 ? '' : name.slice(0, slash);
  return /[.:]/.test(first) || first === 'localhost'
    ? { registry: first, repository: name.slice(slash + 1) }
    : { registry: '', repository: name };
}

export function formatImage(parts: ImageParts): string {
  const name = parts.registry === '' ? parts.repository : `${parts.registry}/${parts.repository}`;
  if (parts.tag !== '') return `${name}:${parts.tag}`;
  return parts.digest === '' ? name : `${name}@${parts.digest}`;
}

/** Adds to, replaces or removes one component; an unusable tag value is ignored, as upstream does. */
export function changeImage(parts: ImageParts, component: string, operator: string, value: string): ImageParts {
  if (component === 'Tag') return changeTag(parts, operator, value);
  const field = component === 'Registry' ? 'registry' : 'repository';
  if (operator === 'remove') return { ...parts, [field]: '' };
  return { ...parts, [field]: operator === 'add' ? parts[field] + value : value };
}

function changeTag(parts: ImageParts, operator: string, value: string): ImageParts {
  if (operator === 'remove') return { ...parts, tag: '', digest: '' };
  const text = operator === 'add' ? (parts.tag || parts.digest) + value : value;
  if (ONLY_TAG.test(text)) return { ...parts, tag: text, digest: '' };
  return ONLY_DIGEST.test(text) ? { ...parts, tag: '', digest: text } : parts;
}
