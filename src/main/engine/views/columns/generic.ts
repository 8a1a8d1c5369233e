/** Every kind without a definition of its own: what most kinds have in common. */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { age, condition, deleting, type KindDefinition, type Level, status, str } from './define.ts';

const GOOD =
  /^(active|available|bound|complete|completed|deployed|established|healthy|ready|running|succeeded|synced|true)$/i;
const BAD = /^(crashloopbackoff|degraded|error|failed|failure|lost|unhealthy|false)$/i;
const UNDER_WAY =
  /^(creating|deleting|initializing|pending|progressing|provisioning|reconciling|terminating|updating)$/i;

/** `status.phase`, `status.state`, or what the Ready condition (else Available, Established) says. */
function summary(object: KubeObject): string | null {
  if (deleting(object)) return 'Terminating';
  const phase = str(object.status?.phase) ?? str(object.status?.state);
  if (phase !== null) return phase;
  for (const type of ['Ready', 'Available', 'Established', 'Synced']) {
    const found = condition(object, type);
    if (found === undefined) continue;
    if (found.status === 'True') return type;
    return found.status === 'False' ? (found.reason === '' ? `Not${type}` : found.reason) : 'Unknown';
  }
  return null;
}

function level(object: KubeObject): Level {
  const word = summary(object);
  if (word === null) return 'none';
  const ready = condition(object, 'Ready') ?? condition(object, 'Available');
  if (ready?.status === 'False') return UNDER_WAY.test(word) ? 'progressing' : 'error';
  if (GOOD.test(word)) return 'ok';
  if (BAD.test(word)) return 'error';
  return UNDER_WAY.test(word) ? 'progressing' : 'none';
}

export const generic: KindDefinition = { resource: '', columns: [status('status', 'Status', summary), age], level };
