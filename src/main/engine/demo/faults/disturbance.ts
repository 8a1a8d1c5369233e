/** What stands in the port's way while faults are active, as the gate of the API server's front door. */
import { type Gate, jsonAnswer, refuse } from '#engine/apiserver/index.ts';
import type { Disturbance } from './types.ts';

type Answer = Awaited<ReturnType<Gate>>;

/** Null when no disturbance concerns single requests. Several are all in force: delays add up, each share is refused. */
export function gateOf(disturbances: readonly Disturbance[]): Gate | null {
  const delayMs = disturbances.reduce((sum, { delayMs: more }) => sum + (more ?? 0), 0);
  const refusals = disturbances.flatMap(({ refusal }) => (refusal === undefined ? [] : [{ ...refusal, debt: 0 }]));
  if (delayMs === 0 && refusals.length === 0) return null;
  return async () => {
    if (delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs));
    for (const refusal of refusals) {
      // The share is kept exactly, without chance: of ten requests at 30 % the 4th, 7th and 10th are refused.
      refusal.debt += refusal.percent;
      if (refusal.debt < 100) continue;
      refusal.debt -= 100;
      return answer(refusal.status);
    }
    return null;
  };
}

function answer(status: 429 | 500 | 503): Answer {
  // As API priority and fairness turns requests away: plain text, not a Status.
  if (status === 429) {
    return {
      status,
      headers: { 'Retry-After': '1' },
      body: {
        kind: 'raw',
        contentType: 'text/plain; charset=utf-8',
        data: 'Too many requests, please try again later.\n',
      },
    };
  }
  const error =
    status === 503
      ? refuse(503, 'ServiceUnavailable', 'the server is currently unable to handle the request')
      : refuse(500, '', 'etcdserver: request timed out');
  return jsonAnswer(error.body, status);
}
