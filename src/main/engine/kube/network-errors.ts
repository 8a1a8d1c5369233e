/**
 * Network and TLS failures as AppErrors with the code a person can act on. Sources: Node's `ERR_TLS_*`/OpenSSL verify
 * codes, TLS alert names (RFC 8446 6.2), undici's error codes.
 */
import { X509Certificate } from 'node:crypto';
import { AppError, type ErrorCode } from '#shared/errors.ts';

export interface FailureContext {
  server: string;
  /** The client's own certificate (PEM), to tell an expired one from a refused one. */
  clientCertificate?: string | undefined;
  /** Origin of the proxy in the way, without credentials. */
  proxy?: string | undefined;
  timeoutMs?: number | undefined;
}

const UNTRUSTED = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'CERT_SIGNATURE_FAILURE',
  'CERT_UNTRUSTED',
  'CERT_REJECTED',
  'CERT_REVOKED',
  'CERT_CHAIN_TOO_LONG',
  'INVALID_CA',
  'INVALID_PURPOSE',
  'PATH_LENGTH_EXCEEDED',
]);

const BY_ERRNO: Record<string, ErrorCode> = {
  ENOTFOUND: 'CLUSTER_DNS',
  EAI_AGAIN: 'CLUSTER_DNS',
  EAI_NODATA: 'CLUSTER_DNS',
  EAI_NONAME: 'CLUSTER_DNS',
  ETIMEDOUT: 'CLUSTER_TIMEOUT',
  UND_ERR_CONNECT_TIMEOUT: 'CLUSTER_TIMEOUT',
  UND_ERR_HEADERS_TIMEOUT: 'CLUSTER_TIMEOUT',
  UND_ERR_BODY_TIMEOUT: 'CLUSTER_TIMEOUT',
  CERT_HAS_EXPIRED: 'CERT_EXPIRED',
  CERT_NOT_YET_VALID: 'CERT_NOT_YET_VALID',
  ERR_TLS_CERT_ALTNAME_INVALID: 'TLS_NAME_MISMATCH',
};

/** Alerts by which a server refuses the client's certificate. */
const CLIENT_CERT_ALERT =
  /ALERT_(BAD_CERTIFICATE|CERTIFICATE_(REQUIRED|EXPIRED|REVOKED|UNKNOWN)|UNKNOWN_CA|UNSUPPORTED_CERTIFICATE|ACCESS_DENIED|HANDSHAKE_FAILURE)/;

export function networkError(error: unknown, context: FailureContext): AppError {
  if (error instanceof AppError) return error;
  const cause = rootCause(error);
  const code = String((cause as { code?: unknown }).code ?? '');
  const through = context.proxy === undefined ? '' : ` through ${context.proxy}`;
  const message = `${context.server}${through}: ${cause.message || code || 'connection failed'}`.slice(0, 500);
  const params: Record<string, string | number> = { server: context.server, detail: code };
  if (context.proxy !== undefined) params.proxy = context.proxy;

  if (CLIENT_CERT_ALERT.test(code)) {
    const own = clientCertificateProblem(context.clientCertificate);
    return own ?? new AppError('CREDENTIALS_REJECTED', message, { params, cause });
  }
  // Some servers just hang up on a certificate they will not have.
  if (code === 'UND_ERR_SOCKET' || code === 'ECONNRESET') {
    const own = clientCertificateProblem(context.clientCertificate);
    if (own !== null) return own;
  }
  // Something answers there, but it does not speak HTTP.
  if (code.startsWith('HPE_'))
    return new AppError('CLUSTER_ERROR', message, { params, hint: 'hints.notApiServer', cause });
  if (UNTRUSTED.has(code)) {
    // Of two certificates on the way only one is to blame, and the error does not say which.
    const hint = context.proxy?.startsWith('https:') ? 'hints.proxyUntrusted' : undefined;
    return new AppError('TLS_UNTRUSTED', message, { params, hint, cause });
  }
  const mapped = BY_ERRNO[code] ?? 'CLUSTER_UNREACHABLE';
  if (mapped === 'TLS_NAME_MISMATCH') params.names = certificateNames(cause);
  if (mapped === 'CERT_EXPIRED' || mapped === 'CERT_NOT_YET_VALID') params.whose = 'server';
  if (mapped === 'CLUSTER_TIMEOUT' && context.timeoutMs !== undefined) params.seconds = context.timeoutMs / 1000;
  const permanent = mapped === 'TLS_NAME_MISMATCH' || mapped === 'CERT_EXPIRED' || mapped === 'CERT_NOT_YET_VALID';
  const hint = mapped === 'CERT_EXPIRED' ? 'hints.serverCertificateExpired' : proxyHint(mapped, code, cause, context);
  return new AppError(mapped, message, { params, retryable: !permanent, hint, cause });
}

/** With a proxy in the way it is mostly the proxy that does not let us through, and a wrong password is its commonest reason. */
function proxyHint(mapped: ErrorCode, code: string, cause: Error, { proxy }: FailureContext): string | undefined {
  if (proxy === undefined || mapped !== 'CLUSTER_UNREACHABLE') return undefined;
  const refused = code === 'UND_ERR_SOCKS5_AUTH_FAILED' || /^Proxy response \(407\)/.test(cause.message);
  return refused ? 'hints.proxyCredentials' : 'hints.proxyInTheWay';
}

export function timeoutError(context: FailureContext, timeoutMs: number): AppError {
  const seconds = timeoutMs / 1000;
  return new AppError('CLUSTER_TIMEOUT', `${context.server}: no answer within ${seconds} s`, {
    retryable: true,
    params: {
      server: context.server,
      seconds,
      detail: 'timeout',
      ...(context.proxy === undefined ? {} : { proxy: context.proxy }),
    },
  });
}

/** CERT_EXPIRED or CERT_NOT_YET_VALID of a client certificate at `now`, or null. A PEM that cannot be read is left to TLS. */
export function clientCertificateProblem(pem: string | undefined, now: number = Date.now()): AppError | null {
  if (pem === undefined) return null;
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return null;
  }
  const subject = certificate.subject.replaceAll('\n', ', ');
  const params = { whose: 'client', subject, notBefore: '', notAfter: '' };
  params.notBefore = isoDate(certificate.validFrom);
  params.notAfter = isoDate(certificate.validTo);
  if (Date.parse(certificate.validTo) < now) {
    return new AppError('CERT_EXPIRED', `client certificate of ${subject} expired at ${params.notAfter}`, {
      params,
      hint: 'hints.clientCertificateExpired',
    });
  }
  if (Date.parse(certificate.validFrom) > now) {
    const text = `client certificate of ${subject} is not valid before ${params.notBefore}`;
    return new AppError('CERT_NOT_YET_VALID', text, { params });
  }
  return null;
}

function isoDate(text: string): string {
  const time = Date.parse(text);
  return Number.isNaN(time) ? text : new Date(time).toISOString();
}

/** Happy eyeballs gives an AggregateError, fetch-like layers a cause; the innermost one names the failure. */
function rootCause(error: unknown): Error {
  let current = error;
  for (let depth = 0; depth < 5; depth++) {
    if (current instanceof AggregateError && current.errors.length > 0) current = current.errors[0];
    else if (current instanceof Error && current.cause instanceof Error) current = current.cause;
    else break;
  }
  return current instanceof Error ? current : new Error(String(current));
}

function certificateNames(error: Error): string {
  const names = (error as { cert?: { subjectaltname?: unknown } }).cert?.subjectaltname;
  return typeof names === 'string' ? names.slice(0, 300) : '';
}
