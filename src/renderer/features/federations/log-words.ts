/** What an entry of the audit log is about, in words. Pure. */

/** The fleet, member, person or objects that a request names; empty when it names nothing but the federation. */
export function subjectOf(request: string, fleetName: (id: string) => string | undefined): string {
  let input: Record<string, unknown>;
  try {
    input = JSON.parse(request) as Record<string, unknown>;
  } catch {
    // A request too long to be kept whole.
    return '';
  }
  const { fleetId, cluster, subject, template, object, objects, ref, policy, name, to } = input;
  if (typeof fleetId === 'string') return fleetName(fleetId) ?? fleetId;
  for (const each of [cluster, subject, to]) if (typeof each === 'string') return each;
  const named = Array.isArray(objects) ? objects : [template ?? object ?? ref ?? policy];
  const names = named.map(nameOf).filter((each) => each !== '');
  if (names.length > 0) return names.join(', ');
  return typeof name === 'string' ? [input['namespace'], name].filter(Boolean).join('/') : '';
}

/** `Deployment shop/web`, of an object or of what names one. */
function nameOf(value: unknown): string {
  if (typeof value === 'string') return value;
  const { kind, metadata, ...rest } = (value ?? {}) as Record<string, unknown>;
  const { namespace, name } = (metadata ?? rest) as Record<string, unknown>;
  if (typeof name !== 'string') return '';
  return `${typeof kind === 'string' ? `${kind} ` : ''}${[namespace, name].filter(Boolean).join('/')}`;
}
