/**
 * The one shape in which a failure crosses a border (engine to renderer, engine to command line, log).
 *
 * Errors are plain data: `code` decides the text a person reads (i18n key `errors.<code>`), `params` fill it in,
 * `message` is the technical English detail for logs and for the "details" fold-out, never the only explanation.
 * Nothing is loaded here that a command could do without; what checks a shape is in contract/error-shape.ts.
 */

export const errorCodes = [
  // input
  'INVALID',
  'NAME_TAKEN',
  'NOT_FOUND',
  'CONFLICT',
  'REFUSED',
  'CANCELLED',
  // kubeconfig
  'KUBECONFIG_UNREADABLE',
  'KUBECONFIG_NOT_YAML',
  'KUBECONFIG_EMPTY',
  'KUBECONFIG_CONTEXT_MISSING',
  'KUBECONFIG_INCOMPLETE',
  // reaching a cluster
  'CLUSTER_UNREACHABLE',
  'CLUSTER_DNS',
  'CLUSTER_TIMEOUT',
  'CLUSTER_ERROR',
  'TLS_UNTRUSTED',
  'TLS_NAME_MISMATCH',
  'CERT_EXPIRED',
  'CERT_NOT_YET_VALID',
  'CREDENTIALS_REJECTED',
  'FORBIDDEN',
  'EXEC_NOT_APPROVED',
  'EXEC_MISSING',
  'EXEC_TIMEOUT',
  'EXEC_FAILED',
  'TOO_MANY_REQUESTS',
  'GONE',
  // this machine
  'DATA_DIR_LOCKED',
  'DATA_DIR_UNWRITABLE',
  'FILE_UNWRITABLE',
  'STORE_DAMAGED',
  'STORE_NEWER',
  'SECRETS_LOCKED',
  'DISK_FULL',
  'PORT_TAKEN',
  // federation
  'POLICY_SELECTS_NOTHING',
  'POLICY_UNKNOWN_CLUSTER',
  'POLICY_ZERO_WEIGHTS',
  'NO_CLUSTER_FITS',
  'MANAGED_ELSEWHERE',
  'NO_KARMADA',
  'FEDERATION_MOVING',
  'FEDERATION_MOVE_WAITS',
  // rest
  'UNAUTHORISED',
  'ENGINE_UNAVAILABLE',
  'UNSUPPORTED',
  'INTERNAL',
] as const;
export type ErrorCode = (typeof errorCodes)[number];

export interface AppErrorShape {
  code: ErrorCode;
  /** Technical detail in English; may quote hostile text from a cluster: render as text only. */
  message: string;
  /** Name of the cluster (or federation) it concerns. */
  cluster?: string | undefined;
  /** True when the same call may succeed later without a change by the person. */
  retryable: boolean;
  /** Values for the i18n text of `code` and its remedy. */
  params?: Record<string, string | number> | undefined;
  /** i18n key of the remedy when it is not simply `errors.<code>.hint`. */
  hint?: string | undefined;
}

/** The error class of our own code. Everything thrown on purpose is one of these. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly code: ErrorCode;
  readonly cluster: string | undefined;
  readonly retryable: boolean;
  readonly params: Record<string, string | number> | undefined;
  readonly hint: string | undefined;

  constructor(
    code: ErrorCode,
    message: string,
    options: {
      cluster?: string;
      retryable?: boolean;
      params?: Record<string, string | number>;
      hint?: string;
      cause?: unknown;
    } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.cluster = options.cluster;
    this.retryable = options.retryable ?? false;
    this.params = options.params;
    this.hint = options.hint;
  }

  toShape(): AppErrorShape {
    return {
      code: this.code,
      message: this.message,
      retryable: this.retryable,
      ...(this.cluster === undefined ? {} : { cluster: this.cluster }),
      ...(this.params === undefined ? {} : { params: this.params }),
      ...(this.hint === undefined ? {} : { hint: this.hint }),
    };
  }
}

/** Any thrown value as plain data. Node's own resource errors get their code here, so that every caller says the same. */
export function toErrorShape(error: unknown, cluster?: string): AppErrorShape {
  if (error instanceof AppError) {
    const shape = error.toShape();
    return shape.cluster === undefined && cluster !== undefined ? { ...shape, cluster } : shape;
  }
  const message = error instanceof Error ? error.message : String(error);
  const code = errnoToCode((error as { code?: unknown } | null)?.code, message);
  return { code, message, retryable: code !== 'INTERNAL', ...(cluster === undefined ? {} : { cluster }) };
}

function errnoToCode(errno: unknown, message: string): ErrorCode {
  if (errno === 'ENOSPC' || errno === 'SQLITE_FULL' || /database or disk is full/i.test(message)) return 'DISK_FULL';
  if (errno === 'EADDRINUSE') return 'PORT_TAKEN';
  if (errno === 'EACCES' || errno === 'EROFS') return 'DATA_DIR_UNWRITABLE';
  return 'INTERNAL';
}
