/**
 * Image references, and what pulling them says. Pure. There are no registries behind the simulation: an image exists
 * unless its reference says that it doesn't. Messages are those of kubelet with containerd.
 */
import { createRandom, HEX } from '../sim/random.ts';

/** Words in a repository or tag that make the simulated registry deny the image. */
const ABSENT = /missing|nonexist|non-exist|no-such|not-?found|does-?not-?exist|bad-?tag|typo/i;
const DENIED = /forbidden|unauthori[sz]ed|private-no-access/i;

export interface ImageReference {
  /** With registry and `library/`: `docker.io/library/nginx`. */
  repository: string;
  tag: string;
  digest: string;
  /** As the runtime names it: repository with tag or digest. */
  full: string;
}

/** Null for what is no reference at all. Source: the grammar of distribution/reference. */
export function parseImage(image: string): ImageReference | null {
  const match =
    /^(?<name>(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*)(?::(?<tag>[\w][\w.-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$/.exec(
      image,
    );
  if (match?.groups === undefined) return null;
  const name = match.groups.name ?? '';
  const digest = match.groups.digest ?? '';
  const tag = match.groups.tag ?? (digest === '' ? 'latest' : '');
  const slash = name.indexOf('/');
  const host = slash < 0 ? '' : name.slice(0, slash);
  const hasHost = host.includes('.') || host.includes(':') || host === 'localhost';
  const repository = hasHost ? name : `docker.io/${slash < 0 ? `library/${name}` : name}`;
  const full = digest === '' ? `${repository}:${tag}` : `${repository}@${digest}`;
  return { repository, tag, digest, full };
}

/** `docker.io/library/nginx@sha256:...`, the same for the same reference everywhere. */
export function imageId(reference: ImageReference): string {
  const digest = reference.digest || `sha256:${createRandom('image', reference.full).text(64, HEX)}`;
  return `${reference.repository}@${digest}`;
}

/** Between 1 MB and 210 MB, the same for the same reference. */
export function imageSize(reference: ImageReference): number {
  return createRandom('size', reference.full).integer(1_200_000, 210_000_000);
}

/** Null when the image can be pulled; else the runtime's error. `staged`: what the registry shall answer anyway. */
export function pullError(reference: ImageReference, staged: 'missing' | 'forbidden' | null = null): string | null {
  const { full } = reference;
  if (staged === 'forbidden') {
    // A registry that knows the image and not the caller. Source: the cloud's user manual, "image pull fails with 403".
    const path = reference.repository.replace(/^[^/]*\//, '');
    return `Error: Status 403 trying to pull repository ${path}: "CRS_1002: Access Denied"`;
  }
  const unresolved = `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
  if (DENIED.test(full)) {
    return `${unresolved}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
  }
  if (ABSENT.test(reference.repository) && reference.repository.startsWith('docker.io/')) {
    return `${unresolved}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
  }
  if (staged === 'missing' || ABSENT.test(full))
    return `rpc error: code = NotFound desc = ${unresolved}: ${full}: not found`;
  return null;
}

/** As kubelet prints an image that is no reference. */
export function invalidImageMessage(image: string): string {
  const upper = /[A-Z]/.test(image.split(/[:@]/)[0] ?? '');
  const reason = upper ? 'invalid reference format: repository name must be lowercase' : 'invalid reference format';
  return `Failed to apply default image tag "${image}": couldn't parse image name "${image}": ${reason}`;
}

/** API server's default: Always for `latest` and no tag. */
export function pullPolicy(container: { image?: string; imagePullPolicy?: string }): string {
  if (container.imagePullPolicy !== undefined && container.imagePullPolicy !== '') return container.imagePullPolicy;
  const reference = parseImage(container.image ?? '');
  return reference?.tag === 'latest' ? 'Always' : 'IfNotPresent';
}
