/**
 * Takes the secrets out of a request before it is written down for good. Pure. It errs on the side of leaving out: what
 * may be a secret by its name, its place or its looks is replaced by a mark that keeps the shape of the request.
 */

export const REDACTED = '[redacted]';
const MAX_DEPTH = 64;
/** A request longer than this is kept as its beginning and its length. */
const MAX_CHARS = 64_000;

/** Compared without case, `-`, `_` and `.`: names whose value is a secret whatever it looks like. */
const SECRET_NAME =
  /^(.*(password|passwd|passphrase|token|secret|credential|credentials|privatekey|apikey|accesskey|secretkey|signingkey|bearer|kubeconfig)|authorization|cookie|setcookie|clientkeydata|clientcertificatedata|certificateauthoritydata|tlskey|dockerconfigjson|dockercfg)$/;
/** Names that end like a secret but only point to one. */
const NOT_SECRET_NAME = /^(automountserviceaccounttoken|imagepullsecret|serviceaccounttoken)$/;

const SECRET_TEXT: [RegExp, string][] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(-----END [A-Z ]*PRIVATE KEY-----|$)/g, REDACTED],
  [/\beyJ[\w-]{8,}\.[\w-]+\.[\w-]*/g, REDACTED],
  [/\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi, `$1 ${REDACTED}`],
  [/\b([a-z][a-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+@/gi, `$1${REDACTED}@`],
  // Keys that are known by their beginning: clouds, code hosting, chat, payment, package registries.
  [
    /\b(?:(?:AKIA|ASIA)[A-Z0-9]{16}|LTAI[A-Za-z0-9]{12,24}|AIza[\w-]{35}|gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{10,}|[rs]k_live_[A-Za-z0-9]{16,}|npm_[A-Za-z0-9]{30,}|SG\.[\w-]{16,}\.[\w-]{16,})/g,
    REDACTED,
  ],
  [
    /((?:^|[\s{,"'])(?:[\w.-]*(?:token|password|passwd|passphrase|client-key-data|client-secret|secret[-_]?key|access[-_]?key(?:[-_]?(?:id|secret))?|api[-_]?key|private[-_]?key))"?\s*[:=]\s*)("[^"]*"|'[^']*'|[^\s,}]+)/gi,
    `$1${REDACTED}`,
  ],
];
/** A whole kubeconfig or Secret as text: nothing inside is worth the risk of keeping it. */
const SECRET_DOCUMENT = /(^|[\n{,])\s*["']?kind["']?\s*:\s*["']?(Config|Secret)\b/;

/** The request as JSON without secrets. Never throws. */
export function redactToJson(request: unknown): string {
  const json = JSON.stringify(redact(request)) ?? 'null';
  if (json.length <= MAX_CHARS) return json;
  return JSON.stringify({ truncated: true, length: json.length, beginning: json.slice(0, MAX_CHARS / 2) });
}

/** The same value without secrets; the argument is left as it is. */
export function redact(value: unknown): unknown {
  return walk(value, '', 0, new Set());
}

/** Text without what looks like a secret: for messages of errors, which may quote anything. */
export function redactText(text: string): string {
  if (SECRET_DOCUMENT.test(text)) return REDACTED;
  return SECRET_TEXT.reduce((clean, [pattern, replacement]) => clean.replace(pattern, replacement), text);
}

function walk(value: unknown, name: string, depth: number, above: Set<object>): unknown {
  if (typeof value === 'string') return isSecretName(name) && value !== '' ? REDACTED : redactText(value);
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null) return typeof value === 'function' ? undefined : value;
  if (value instanceof Uint8Array) return REDACTED;
  if (depth >= MAX_DEPTH || above.has(value)) return REDACTED;
  above.add(value);
  try {
    if (Array.isArray(value))
      return value.map((item) => (name === 'env' ? withoutValue(item) : walk(item, name, depth + 1, above)));
    return walkObject(value as Record<string, unknown>, name, depth, above);
  } finally {
    above.delete(value);
  }
}

function walkObject(object: Record<string, unknown>, name: string, depth: number, above: Set<object>): unknown {
  const isSecret = object.kind === 'Secret';
  const isKubeconfigText = object.kind === 'text' && typeof object.text === 'string';
  const result: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(object)) {
    if (isSecret && (key === 'data' || key === 'stringData')) result[key] = masked(item);
    else if (isKubeconfigText && key === 'text') result[key] = REDACTED;
    else if (key === 'kubectl.kubernetes.io/last-applied-configuration') result[key] = REDACTED;
    else if (isSecretName(key) && (typeof item === 'number' || Array.isArray(item))) result[key] = REDACTED;
    else result[key] = walk(item, name === 'env' ? 'value' : key, depth + 1, above);
  }
  return result;
}

/** `env: [{name, value}]` of a container or an exec plugin: which variables, not what is in them. */
function withoutValue(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return REDACTED;
  return Object.fromEntries(
    Object.entries(item).map(([key, value]) => [key, key === 'value' && value !== '' ? REDACTED : value]),
  );
}

function masked(item: unknown): unknown {
  if (typeof item !== 'object' || item === null) return item === undefined ? undefined : REDACTED;
  return Object.fromEntries(Object.keys(item).map((key) => [key, REDACTED]));
}

function isSecretName(name: string): boolean {
  const plain = name.toLowerCase().replaceAll(/[-_.]/g, '');
  return SECRET_NAME.test(plain) && !NOT_SECRET_NAME.test(plain);
}
