/** An API server's refusal, with the Status it sent. Network trouble is an AppError, not an ApiError. */
import { AppError, type ErrorCode } from '#shared/errors.ts';
import type { KubeStatus } from '#shared/kubernetes/types.ts';

/** What kube-aggregator says, and nothing else, when the server behind an APIService does not answer. */
const AGGREGATOR = 'service unavailable';

/** API servers never send HTML: a gateway, a proxy or a sign-in page answered in the place of one. */
const PAGE = /^\s*<(!doctype\s+html|html|head|body)\b/i;

export class ApiError extends AppError {
  readonly status: number;
  readonly reason: string;
  readonly body: KubeStatus | null;

  constructor(status: number, body: unknown, request: string) {
    const parsed = isStatus(body) ? body : null;
    const said = parsed?.message ?? (typeof body === 'string' ? body : '');
    const page = PAGE.test(said);
    const text = page ? pageText(status, said) : said.slice(0, parsed === null ? 500 : undefined) || `HTTP ${status}`;
    super(codeOf(status), text, {
      retryable: status === 429 || status >= 500,
      params: { status, request },
      ...(page ? { hint: 'hints.notApiServer' } : {}),
      ...(status === 503 && parsed === null && text.trim() === AGGREGATOR ? { hint: 'hints.aggregatedApiAway' } : {}),
    });
    this.status = status;
    this.reason = parsed?.reason ?? '';
    this.body = parsed;
  }

  get retryAfterSeconds(): number | undefined {
    return this.body?.details?.retryAfterSeconds;
  }
}

export function isNotFound(error: unknown): boolean {
  return error instanceof ApiError && error.status === 404;
}
export function isConflict(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason !== 'AlreadyExists';
}
export function isAlreadyExists(error: unknown): boolean {
  return error instanceof ApiError && error.status === 409 && error.reason === 'AlreadyExists';
}
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && error.status === 410;
}

function isStatus(body: unknown): body is KubeStatus {
  return typeof body === 'object' && body !== null && (body as KubeStatus).kind === 'Status';
}

/** What the page calls itself, so that a person recognises whose it is. */
function pageText(status: number, html: string): string {
  const [, , heading = ''] = /<(title|h1)\b[^>]*>([^<]*)</i.exec(html.slice(0, 8192)) ?? [];
  const name = heading.replace(/\s+/g, ' ').trim().slice(0, 200);
  return `HTTP ${status} with a web page${name === '' ? '' : `: ${name}`}`;
}

function codeOf(status: number): ErrorCode {
  if (status === 401) return 'CREDENTIALS_REJECTED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return 'NOT_FOUND';
  if (status === 409) return 'CONFLICT';
  if (status === 410) return 'GONE';
  if (status === 429) return 'TOO_MANY_REQUESTS';
  if (status === 400 || status === 415 || status === 422) return 'INVALID';
  return 'CLUSTER_ERROR';
}
