/** What was allocated to a claim, for whom, and how its devices are. Source: API reference resource.k8s.io/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { validateNodeSelector } from '../../pods/spec/affinity.ts';
import { validateDriverName } from '../../pods/spec/plugins.ts';
import {
  duplicate,
  eachAt,
  forbiddenField,
  immutableField,
  invalidValue,
  notSupported,
  required,
  sameJson,
  tooLong,
  tooMany,
} from '../field.ts';
import { isCidr } from '../net.ts';
import { eachOf, eachOfSet, validateBinding, validateKey, validateLabel, validatePoolName } from './common.ts';
import {
  type RequestNames,
  requestNames,
  validateConfiguration,
  validateParameters,
  validateRequestName,
  validateRequestNames,
} from './configuration.ts';

const MOST_CONSUMERS = 256;
const MOST_RESULTS = 32;
const MOST_CONFIGURATIONS = 64;
const MOST_CONDITIONS = 8;
const MOST_ADDRESSES = 16;
const LONGEST_DATA = 10 * 1024;

export function validateClaimStatus(object: KubeObject, old: KubeObject | null): FieldError[] {
  const { reservedFor, allocation, devices } = object.status ?? {};
  const names = requestNames(object.spec?.devices);
  const allocated = new Set(((allocation?.devices?.results ?? []) as Json[]).map(idOf).map((id) => JSON.stringify(id)));
  const at = 'status.reservedFor';
  const errors = [
    ...eachOfSet(reservedFor, MOST_CONSUMERS, at, ({ uid = '' }) => uid, validateConsumer),
    ...eachOfSet(devices, Infinity, 'status.devices', idOf, (each, where) => validateDevice(each, where, allocated)),
  ];
  if (reservedFor?.length > 0 && !allocation)
    errors.push(forbiddenField(at, 'may not be specified when `allocated` is not set'));
  else if (object.metadata.deletionTimestamp !== undefined) {
    const before: Json[] = old?.status?.reservedFor ?? [];
    if (((reservedFor ?? []) as Json[]).some((each) => !before.some((known) => sameJson(known, each)))) {
      const text = 'new entries may not be added while `deallocationRequested` or `deletionTimestamp` are set';
      errors.push(forbiddenField(at, text));
    }
  }
  const known = old?.status?.allocation;
  if (allocation && known)
    return [
      ...errors,
      ...immutableField('resource.ResourceClaimStatus', 'allocation', 'status.allocation', object.status, old?.status),
    ];
  return allocation ? [...errors, ...validateAllocation(allocation, 'status.allocation', names)] : errors;
}

function validateConsumer(consumer: Json, at: string): FieldError[] {
  return ['resource', 'name', 'uid'].filter((field) => !consumer[field]).map((field) => required(`${at}.${field}`));
}

/** What tells devices apart, the way the server prints it. */
function idOf({ driver = '', pool = '', device = '', shareID }: Json): Json {
  return { Driver: driver, Pool: pool, Device: device, ShareID: shareID ?? null };
}

function validateAllocation({ devices = {}, nodeSelector }: Json, at: string, names: RequestNames): FieldError[] {
  return [
    ...eachOf(devices.results, MOST_RESULTS, `${at}.devices.results`, (each, where) => [
      ...validateRequestName(each.request ?? '', `${where}.request`, names),
      ...validateIdentity(each, where),
      ...validateBinding(each, where),
      ...validateShare(each.shareID, where),
    ]),
    ...eachOf(devices.config, MOST_CONFIGURATIONS, `${at}.devices.config`, (each, where) => [
      ...validateSource(each.source ?? '', `${where}.source`),
      ...validateRequestNames(each.requests, `${where}.requests`, names),
      ...validateConfiguration(each, where, false),
    ]),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${at}.nodeSelector`) : []),
  ];
}

const SOURCES = ['FromClaim', 'FromClass'];

function validateSource(source: string, at: string): FieldError[] {
  if (source === '') return [required(at)];
  return SOURCES.includes(source) ? [] : [notSupported(at, source, SOURCES)];
}

function validateIdentity({ driver = '', pool = '', device = '' }: Json, at: string): FieldError[] {
  return [
    ...validateDriverName(driver, `${at}.driver`),
    ...validatePoolName(pool, `${at}.pool`),
    ...validateLabel(device, `${at}.device`),
  ];
}

const UID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const UID_FORM =
  'uid must be in RFC 4122 normalized form, `xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx` with lowercase hexadecimal characters';

function validateShare(uid: unknown, at: string): FieldError[] {
  if (typeof uid !== 'string' || UID.test(uid)) return [];
  const problem = uidProblem(uid);
  return [invalidValue(`${at}.shareID`, uid, problem === null ? UID_FORM : `error validating uid: ${problem}`)];
}

/** Other forms are understood, too, and then said not to be the normal one. */
function uidProblem(uid: string): string | null {
  let plain = uid;
  if (uid.length === 45) {
    if (!/^urn:uuid:/i.test(uid)) return `invalid urn prefix: ${JSON.stringify(uid.slice(0, 9))}`;
    plain = uid.slice(9);
  } else if (uid.length === 38) {
    if (!/^\{.*\}$/s.test(uid)) return 'invalid bracketed UUID format';
    plain = uid.slice(1, -1);
  } else if (uid.length === 32) return /^[0-9a-f]*$/i.test(uid) ? null : 'invalid UUID format';
  else if (uid.length !== 36) return `invalid UUID length: ${uid.length}`;
  return UID.test(plain.toLowerCase()) ? null : 'invalid UUID format';
}

function validateDevice(device: Json, at: string, allocated: ReadonlySet<string>): FieldError[] {
  const { shareID, conditions, data, networkData } = device;
  const errors = [...validateIdentity(device, at), ...validateShare(shareID, at)];
  const id = idOf(device);
  if (!allocated.has(JSON.stringify(id))) errors.push(invalidValue(at, id, 'must be an allocated device in the claim'));
  const count = (conditions ?? []).length;
  if (count > MOST_CONDITIONS) errors.push(tooMany(`${at}.conditions`, count, MOST_CONDITIONS));
  errors.push(...validateConditions(conditions, `${at}.conditions`));
  if (data !== undefined && data !== null) errors.push(...validateParameters(data, `${at}.data`, LONGEST_DATA));
  return networkData ? [...errors, ...validateNetwork(networkData, `${at}.networkData`)] : errors;
}

const STATUSES = ['False', 'True', 'Unknown'];
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;
const REASON_TEXT =
  "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?')";
const LONGEST_REASON = 1024;
const LONGEST_MESSAGE = 32 * 1024;

/** Conditions of meta/v1. */
function validateConditions(conditions: Json, list: string): FieldError[] {
  const seen = new Set<string>();
  return eachAt(conditions, list, (condition, at) => {
    const { type = '', status = '', observedGeneration = 0, lastTransitionTime, reason = '', message = '' } = condition;
    const errors = seen.has(type) ? [duplicate(`${at}.type`, type)] : [];
    seen.add(type);
    errors.push(...validateKey(type, `${at}.type`));
    if (!STATUSES.includes(status)) errors.push(notSupported(`${at}.status`, status, STATUSES));
    if (observedGeneration < 0) {
      const text = 'must be greater than or equal to zero';
      errors.push(invalidValue(`${at}.observedGeneration`, observedGeneration, text));
    }
    if (!lastTransitionTime) errors.push(required(`${at}.lastTransitionTime`));
    if (reason === '') errors.push(required(`${at}.reason`));
    else if (!REASON.test(reason)) errors.push(invalidValue(`${at}.reason`, reason, REASON_TEXT));
    if (reason.length > LONGEST_REASON) errors.push(tooLong(`${at}.reason`, LONGEST_REASON));
    if (message.length > LONGEST_MESSAGE) errors.push(tooLong(`${at}.message`, LONGEST_MESSAGE));
    return errors;
  });
}

const LONGEST_INTERFACE = 256;
const LONGEST_HARDWARE = 128;
const ADDRESS_TEXT = 'must be a valid address in CIDR form, (e.g. 10.9.8.7/24 or 2001:db8::1/64)';

function validateNetwork({ interfaceName = '', hardwareAddress = '', ips }: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  if (interfaceName.length > LONGEST_INTERFACE) errors.push(tooLong(`${at}.interfaceName`, LONGEST_INTERFACE));
  if (hardwareAddress.length > LONGEST_HARDWARE) errors.push(tooLong(`${at}.hardwareAddress`, LONGEST_HARDWARE));
  return [
    ...errors,
    ...eachOfSet(
      ips,
      MOST_ADDRESSES,
      `${at}.ips`,
      (address) => address,
      (address, where) => (isCidr(String(address)) ? [] : [invalidValue(where, address, ADDRESS_TEXT)]),
    ),
  ];
}
