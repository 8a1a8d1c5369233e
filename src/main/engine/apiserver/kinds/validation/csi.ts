/** CSIDriver and CSINode. Source: API reference storage.k8s.io/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { copyAsSent } from '../../openapi/sent-empty.ts';
import { shown } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import { validateDriverName } from '../pods/spec/plugins.ts';
import { duplicate, eachAt, immutable, invalidAll, invalidValue, notSupported, required, sameJson } from './field.ts';
import { qualifiedName } from './meta.ts';

const MODES = ['Persistent', 'Ephemeral'];
const GROUP_POLICIES = ['File', 'None', 'ReadWriteOnceWithFSType'];
const TOKEN_LEAST = 600;
const TOKEN_MOST = 2 ** 32;
const PERIOD_LEAST = 10;
const NODE_ID_MOST = 256;

export function validateDriver(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const errors: FieldError[] = [];
  for (const mode of (spec.volumeLifecycleModes ?? []) as string[])
    if (!MODES.includes(mode)) errors.push(notSupported('spec.volumeLifecycleModes', mode, MODES));
  if (spec.fsGroupPolicy !== undefined && !GROUP_POLICIES.includes(spec.fsGroupPolicy))
    errors.push(notSupported('spec.fsGroupPolicy', spec.fsGroupPolicy, GROUP_POLICIES));
  const period = spec.nodeAllocatableUpdatePeriodSeconds;
  if (period < PERIOD_LEAST) {
    const text = `must be greater than or equal to ${PERIOD_LEAST} seconds`;
    errors.push(invalidValue('spec.nodeAllocatableUpdatePeriodSeconds', period, text));
  }
  errors.push(...validateTokens(spec.tokenRequests, 'spec.tokenRequests'));
  const secret = spec.serviceAccountTokenInSecrets;
  if (secret !== undefined && (spec.tokenRequests ?? []).length === 0) {
    const text = 'serviceAccountTokenInSecrets is set but no tokenRequests are specified';
    errors.push(invalidValue('spec.serviceAccountTokenInSecrets', secret, text));
  }
  if (old === null) return errors;
  return [
    ...errors,
    // The server's own spelling.
    ...immutable('spec.attachedRequired', spec.attachRequired, old.spec?.attachRequired),
    ...immutable('spec.volumeLifecycleModes', spec.volumeLifecycleModes, old.spec?.volumeLifecycleModes),
  ];
}

function validateTokens(requests: Json, at: string): FieldError[] {
  const audiences = new Set<string>();
  return eachAt(requests, at, ({ audience = '', expirationSeconds: seconds }, where) => {
    if (audiences.has(audience)) return [duplicate(`${where}.audience`, audience)];
    audiences.add(audience);
    const refuse = (text: string): FieldError[] => [invalidValue(`${where}.expirationSeconds`, seconds, text)];
    if (seconds < TOKEN_LEAST) return refuse('may not specify a duration less than 10 minutes');
    return seconds > TOKEN_MOST ? refuse('may not specify a duration larger than 2^32 seconds') : [];
  });
}

export function validateNodeDrivers(object: KubeObject, old: KubeObject | null): FieldError[] {
  const errors = validateDrivers(object);
  // A driver that stays may only learn how much it can take.
  const before = new Map(((old?.spec?.drivers ?? []) as Json[]).map((driver) => [driver.name, driver]));
  for (const driver of (object.spec?.drivers ?? []) as Json[]) {
    const known = before.get(driver.name);
    const fixed = (given: Json) => {
      const rest = copyAsSent(given);
      delete rest.allocatable;
      return rest;
    };
    if (known && !sameJson(fixed(driver), fixed(known)))
      errors.push(invalidValue('spec.drivers', shown('storage.CSINodeDriver', fixed(driver)), 'field is immutable'));
  }
  return errors;
}

function validateDrivers(object: KubeObject): FieldError[] {
  const names = new Set<string>();
  return eachAt(object.spec?.drivers, 'spec.drivers', (driver, at) => {
    const { name = '', nodeID = '', allocatable, topologyKeys } = driver;
    const errors = validateDriverName(name, `${at}.name`);
    if (nodeID === '') errors.push(required(`${at}.nodeID`));
    if (nodeID.length > NODE_ID_MOST)
      errors.push(invalidValue(`${at}.nodeID`, nodeID, `must be ${NODE_ID_MOST} characters or less`));
    if (allocatable?.count < 0) {
      const text = 'must be greater than or equal to 0';
      errors.push(invalidValue(`${at}.allocatable.count`, allocatable.count, text));
    }
    if (names.has(name)) errors.push(duplicate(`${at}.name`, name));
    names.add(name);
    const keys = new Set<string>();
    return [
      ...errors,
      ...((topologyKeys ?? []) as string[]).flatMap((key) => {
        const found = key ? [] : [required(at)];
        if (keys.has(key)) found.push(duplicate(at, key));
        keys.add(key);
        return [...found, ...invalidAll(at, key, qualifiedName(key))];
      }),
    ];
  });
}
