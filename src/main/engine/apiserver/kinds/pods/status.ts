/**
 * What may be said of a pod. The kubelet is trusted with most of it; what is refused are conditions without a proper
 * name, addresses that are none, another class of service, and containers that come back though they may not.
 * Source: apiserver, ValidatePodStatusUpdate.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { isRecord } from '../../json.ts';
import type { FieldError } from '../../types.ts';
import { duplicate, eachAt, forbiddenField, invalidAll, invalidValue } from '../validation/field.ts';
import { qualifiedName, subdomainName } from '../validation/meta.ts';
import { isIp, validateIp } from '../validation/net.ts';

/** Set by everybody who makes pods; their names bear capitals only. */
const SYSTEM_CONDITIONS = new Set(['PodScheduled', 'Ready', 'Initialized']);

export function validatePodStatus(pod: KubeObject, old: KubeObject): FieldError[] {
  const status: Json = pod.status ?? {};
  const before: Json = old.status ?? {};
  const errors = eachAt(status.conditions, 'status.conditions', (condition, at) => [
    ...notNegative(condition.observedGeneration, `${at}.observedGeneration`),
    ...(SYSTEM_CONDITIONS.has(condition.type)
      ? []
      : qualifiedName(condition.type ?? '').map((text) => invalidValue(`${at}.Type`, condition.type ?? '', text))),
  ]);
  const nominated: string = status.nominatedNodeName ?? '';
  if (nominated !== '' && nominated !== (before.nominatedNodeName ?? '')) {
    for (const text of subdomainName(nominated)) errors.push(invalidValue('status.nominatedNodeName', nominated, text));
    if (old.spec?.nodeName)
      errors.push(
        forbiddenField('status.nominatedNodeName', 'may not be set on pods that are already bound to a node'),
      );
  }
  errors.push(...notNegative(status.observedGeneration, 'status.observedGeneration'));
  if (status.qosClass !== undefined && before.qosClass !== undefined && status.qosClass !== before.qosClass)
    errors.push(invalidValue('status.qosClass', status.qosClass, 'field is immutable'));
  return [
    ...errors,
    ...comebacks(status.containerStatuses, before.containerStatuses, old.spec ?? {}),
    ...claims(status.resourceClaimStatuses, old.spec?.resourceClaims),
    ...addresses(status.podIPs, before.podIPs, 'status.podIPs'),
    ...hostAddresses(status, before),
  ];
}

/** A new status with what kubelets do not know and leave out. Source: apiserver, pod strategy. */
export function keptPodStatus(status: Json, before: Json = {}): Json {
  // What is no status at all is refused elsewhere.
  if (status !== undefined && !isRecord(status)) return status;
  const kept = { ...status };
  if (!kept.qosClass && before.qosClass) kept.qosClass = before.qosClass;
  if (!kept.observedGeneration && before.observedGeneration) kept.observedGeneration = before.observedGeneration;
  const known: Json[] = [...(before.conditions ?? [])];
  if (known.length > 0 && Array.isArray(kept.conditions))
    kept.conditions = kept.conditions.map((condition: Json) => {
      const at = known.findIndex(({ type }) => type === condition.type);
      const [was] = at < 0 ? [] : known.splice(at, 1);
      const generation = condition.observedGeneration || was?.observedGeneration;
      return generation ? { ...condition, observedGeneration: generation } : condition;
    });
  return kept;
}

function notNegative(value: number | undefined, at: string): FieldError[] {
  return (value ?? 0) < 0 ? [invalidValue(at, value, 'must be a non-negative integer')] : [];
}

/** Containers that had ended, are told to go on, and by their policy may not. */
function comebacks(now: Json[] = [], before: Json[] = [], spec: Json): FieldError[] {
  return before.flatMap((was, index) => {
    const ended = was.state?.terminated;
    if (!ended || !now.some((is) => is.name === was.name && !is.state?.terminated)) return [];
    const container = (spec.containers ?? []).find(({ name }: Json) => name === was.name);
    const policy = container?.restartPolicy ?? spec.restartPolicy ?? 'Always';
    const rules = (container?.restartPolicyRules ?? []).length > 0;
    const goesOn = policy === 'Always' || (policy === 'OnFailure' && (ended.exitCode ?? 0) !== 0);
    if (container !== undefined && (goesOn || rules)) return [];
    return [
      forbiddenField(`status.containerStatuses[${index}].state`, 'may not be transitioned to non-terminated state'),
    ];
  });
}

/** What was made of the pod's claims, each told of once. */
function claims(statuses: Json[] = [], wanted: Json[] = []): FieldError[] {
  const at = 'status.resourceClaimStatuses';
  const names = statuses.map(({ name = '' }) => name);
  return statuses.flatMap(({ name = '', resourceClaimName }, index) => {
    const where = `${at}[${index}]`;
    const text = 'must match the name of an entry in `spec.resourceClaims`';
    return [
      ...(wanted.some((claim) => claim.name === name) ? [] : [invalidValue(`${where}.name`, name, text)]),
      ...(names.indexOf(name) < index ? [duplicate(`${where}.name`, name)] : []),
      ...(resourceClaimName === undefined
        ? []
        : invalidAll(`${where}.resourceClaimName`, resourceClaimName, subdomainName(resourceClaimName))),
    ];
  });
}

/** At most one of each family; one that was there before may stay as it is. */
function addresses(now: Json[] = [], before: Json[] = [], at: string): FieldError[] {
  const known = new Set(before.map(({ ip }) => ip));
  const texts: string[] = now.map(({ ip }) => ip ?? '');
  const errors = texts.flatMap((ip, index) => (known.has(ip) ? [] : validateIp(ip, `${at}[${index}]`)));
  const good = texts.every(isIp);
  const families = new Set(texts.map((ip) => ip.includes(':')));
  if (good && texts.length > families.size)
    errors.push(invalidValue(at, now, 'may specify no more than one IP for each IP family'));
  return errors;
}

function hostAddresses(status: Json, before: Json): FieldError[] {
  const first = status.hostIPs?.[0];
  if (first === undefined) return [];
  const same = (status.hostIP ?? '') === (first.ip ?? '');
  return [
    ...(same ? [] : [invalidValue('status.hostIPs[0].ip', first.ip ?? '', 'must be equal to `hostIP`')]),
    ...addresses(status.hostIPs, before.hostIPs, 'status.hostIPs'),
  ];
}
