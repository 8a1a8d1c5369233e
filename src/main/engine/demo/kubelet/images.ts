/**
 * Image references, and what pulling them says. Pure. There are no registries behind the simulation: an image exists
 * unless its reference says that it doesn't. Messages are those of kubelet with containerd.
 */
import { createRandom, HEX } from '../sim/random.ts';
import { LIBRARY } from './library.ts';

/** Words in a repository or tag that make the simulated registry deny the image. */
const ABSENT = /missing|nonexist|non-exist|no-such|not-?found|does-?n(?:o|-)?t-?exist|bad-?tag|typo/i;
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

const unresolved = ({ full }: ImageReference): string =>
  `failed to pull and unpack image "${full}": failed to resolve reference "${full}"`;
const hostOf = ({ repository }: ImageReference): string => repository.slice(0, repository.indexOf('/'));
const asked = (reference: ImageReference, status: string): string => {
  const path = reference.repository.slice(hostOf(reference).length + 1);
  const url = `https://${hostOf(reference)}/v2/${path}/manifests/${reference.tag || reference.digest}`;
  return `${unresolved(reference)}: unexpected status from HEAD request to ${url}: ${status}`;
};

/** What a registry, or the way to it, can answer although the image is there; each by the word that asks for it. */
const ANSWERS = {
  missing: (image) => `rpc error: code = NotFound desc = ${unresolved(image)}: ${image.full}: not found`,
  // A registry that knows the image and not the caller. Source: the cloud's user manual, "image pull fails with 403".
  forbidden: ({ repository }) =>
    `Error: Status 403 trying to pull repository ${repository.replace(/^[^/]*\//, '')}: "CRS_1002: Access Denied"`,
  denied: (image) => asked(image, '403 Forbidden'),
  unauthorized: (image) => asked(image, '401 Unauthorized'),
  'rate-limited': (image) =>
    `${unresolved(image)}: unexpected status code 429 Too Many Requests: toomanyrequests: You have reached your unauthenticated pull rate limit`,
  'other-platform': ({ full }) =>
    `failed to pull and unpack image "${full}": no match for platform in manifest: not found`,
  untrusted: (image) =>
    `${unresolved(image)}: tls: failed to verify certificate: x509: certificate signed by unknown authority`,
  'plain-http': (image) => `${unresolved(image)}: http: server gave HTTP response to HTTPS client`,
  'no-name': (image) => `${unresolved(image)}: dial tcp: lookup ${hostOf(image)} on 10.0.0.2:53: no such host`,
  unreachable: (image) => `${unresolved(image)}: dial tcp 203.0.113.7:443: i/o timeout`,
  'no-space': ({ full }) =>
    `failed to pull and unpack image "${full}": failed to extract layer: write /var/lib/containerd/tmp: no space left on device`,
  'registry-broken': (image) => asked(image, '500 Internal Server Error'),
  'schema-1': ({ full }) =>
    `failed to pull and unpack image "${full}": not implemented: media type "application/vnd.docker.distribution.manifest.v1+prettyjws" is no longer supported`,
} satisfies Record<string, (image: ImageReference) => string>;
export type PullAnswer = keyof typeof ANSWERS;

/** Behaviours that make the registry answer so. */
export const PULL_BEHAVIOURS: readonly string[] = Object.keys(ANSWERS).map((answer) => `image-${answer}`);

/** The answer that a behaviour `image-...` asks for. */
export function pullAnswer(behaviour: string): PullAnswer | null {
  const answer = behaviour.startsWith('image-') ? behaviour.slice('image-'.length) : '';
  return Object.hasOwn(ANSWERS, answer) ? (answer as PullAnswer) : null;
}

/** Null when the image can be pulled; else the runtime's error. `staged`: what shall be answered anyway. */
export function pullError(reference: ImageReference, staged: PullAnswer | null = null): string | null {
  if (staged !== null) return ANSWERS[staged](reference);
  const { full } = reference;
  const own = /^(localhost|127\.\d+\.\d+\.\d+)(?::(\d+))?$/.exec(hostOf(reference));
  if (own !== null) return nothingListens(reference, own[1] === 'localhost' ? '[::1]' : own[1]!, own[2]);
  // Kept for names that lead nowhere (RFC 2606).
  if (/\.invalid(:|$)/.test(hostOf(reference))) return ANSWERS['no-name'](reference);
  const official = /^docker\.io\/library\/([^/]+)$/.exec(reference.repository)?.[1];
  const unknown = official !== undefined && !LIBRARY.has(official);
  if (
    unknown ||
    DENIED.test(full) ||
    (ABSENT.test(reference.repository) && reference.repository.startsWith('docker.io/'))
  )
    return `${unresolved(reference)}: pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`;
  return ABSENT.test(full) || isUntagged(reference) ? ANSWERS.missing(reference) : null;
}

/** A registry on the node itself: there is none. */
function nothingListens(reference: ImageReference, address: string, port: string | undefined): string {
  const path = reference.repository.slice(hostOf(reference).length + 1);
  const scheme = port === undefined || port === '443' ? 'https' : 'http';
  const url = `${scheme}://${hostOf(reference)}/v2/${path}/manifests/${reference.tag || reference.digest}`;
  return `${unresolved(reference)}: failed to do request: Head "${url}": dial tcp ${address}:${port ?? 443}: connect: connection refused`;
}

/** Where tutorials have their readers try a tag that is not there: what is. */
const TAGS: Readonly<Record<string, RegExp>> = {
  'docker.io/library/busybox': /^(1(-|$)|1\.[0-4]?\d\b|[a-z])/,
  'docker.io/library/nginx': /^(1(-|$)|1\.[0-4]?\d\b|[a-z])/,
  'gcr.io/google-samples/hello-app': /^([12]\.0|latest)$/,
  'gcr.io/google-samples/kubernetes-bootcamp': /^(v[12]|latest)$/,
};

function isUntagged({ repository, tag }: ImageReference): boolean {
  return tag !== '' && TAGS[repository] !== undefined && !TAGS[repository].test(tag);
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
