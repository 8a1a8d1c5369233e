/** Turns an HTTP answer >= 400 into an ApiError, keeping what the headers say (Retry-After). */
import type { KubeStatus } from '#shared/kubernetes/types.ts';
import { ApiError } from './errors.ts';
import type { TransportResponse } from './types.ts';

/** Hostile servers may ask for any wait; an hour is the most we believe. */
const MAX_RETRY_AFTER_SECONDS = 3600;

export function apiErrorOf(response: TransportResponse, request: string): ApiError {
  return new ApiError(response.status, withRetryAfter(response), request);
}

/** API Priority and Fairness answers 429 as plain text with a header; the Status shape has a field for the same value. */
function withRetryAfter(response: TransportResponse): unknown {
  const seconds = parseRetryAfter(response.headers['retry-after']);
  if (seconds === undefined) return response.body;
  const body = response.body;
  const status: KubeStatus =
    typeof body === 'object' && body !== null && (body as KubeStatus).kind === 'Status'
      ? (body as KubeStatus)
      : {
          kind: 'Status',
          apiVersion: 'v1',
          metadata: {},
          status: 'Failure',
          message: typeof body === 'string' && body !== '' ? body.slice(0, 500) : `HTTP ${response.status}`,
          code: response.status,
        };
  return { ...status, details: { retryAfterSeconds: seconds, ...status.details } };
}

/** RFC 9110 10.2.3: seconds or a date. */
export function parseRetryAfter(value: string | undefined, now: number = Date.now()): number | undefined {
  if (value === undefined || value.trim() === '') return undefined;
  const seconds = /^\s*\d+\s*$/.test(value) ? Number(value) : (Date.parse(value) - now) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(MAX_RETRY_AFTER_SECONDS, Math.max(0, Math.ceil(seconds)));
}
