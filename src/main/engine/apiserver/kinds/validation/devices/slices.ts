/** What a driver says of the devices of a node. Source: API reference resource.k8s.io/v1; texts of the server's validation. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { asSent } from '../../../openapi/sent-empty.ts';
import { shownField } from '../../../openapi/shown.ts';
import type { FieldError } from '../../../types.ts';
import { validateNodeSelector } from '../../pods/spec/affinity.ts';
import { validateDriverName } from '../../pods/spec/plugins.ts';
import { immutable, invalidValue, notSupported, required, sameJson, tooLong } from '../field.ts';
import { validateCapacity } from './capacity.ts';
import { EFFECTS } from './claims.ts';
import {
  eachEntry,
  eachOf,
  eachOfSet,
  LONGEST_NAME,
  validateAttributeName,
  validateBinding,
  validateKey,
  validateLabel,
  validatePoolName,
  validateSubdomain,
  validateValue,
} from './common.ts';

const MOST_DEVICES = 128;
/** Where taints or counters cost more to look at. */
const MOST_COSTLY_DEVICES = 64;
const MOST_COUNTER_SETS = 8;
const MOST_COUNTERS = 32;
const MOST_CONSUMPTIONS = 2;
const MOST_PROPERTIES = 32;
const MOST_TAINTS = 16;
const LONGEST_LABEL = 63;
const LONGEST_VALUE = 64;

const NODE_FIELDS = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const;
const NODES_TEXT = 'exactly one of `nodeName`, `nodeSelector`, `allNodes`, `perDeviceNodeSelection` is required';
const OWN_NODES_TEXT =
  'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec';
const NO_OWN_NODES_TEXT =
  '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec';

export function validateSlice(object: KubeObject, old: KubeObject | null): FieldError[] {
  const spec = object.spec ?? {};
  const { driver = '', pool = {}, devices, sharedCounters } = spec;
  const errors = [...validateDriverName(driver, 'spec.driver'), ...validatePool(pool, 'spec.pool')];
  if (old !== null)
    errors.push(
      ...immutable('spec.pool.name', pool.name ?? '', old.spec?.pool?.name ?? ''),
      ...immutable('spec.driver', driver, old.spec?.driver ?? ''),
      ...immutable('spec.nodeName', spec.nodeName ?? null, old.spec?.nodeName ?? null),
    );
  errors.push(...validateNodes(spec));
  // Sent without items they are not nothing.
  if (['devices', 'sharedCounters'].every((field) => asSent(spec, field) !== null))
    errors.push(invalidValue('spec', '', 'only one of `sharedCounters` or `devices` is allowed'));
  const all = (devices ?? []) as Json[];
  const costly = all.some(({ taints, consumesCounters }) => taints?.length > 0 || consumesCounters?.length > 0);
  const before = new Map(((old?.spec?.devices ?? []) as Json[]).map((device) => [device.name, device]));
  const name = (each: Json): string => each.name ?? '';
  return [
    ...errors,
    ...eachOfSet(all, costly ? MOST_COSTLY_DEVICES : MOST_DEVICES, 'spec.devices', name, (device, at) =>
      validateDevice(device, before.get(device.name), at, spec.perDeviceNodeSelection === true),
    ),
    ...eachOfSet(sharedCounters, MOST_COUNTER_SETS, 'spec.sharedCounters', name, (set, at) => [
      ...validateCounterName(set.name ?? '', `${at}.name`),
      ...validateCounters(set.counters, `${at}.counters`),
    ]),
  ];
}

function validatePool({ name = '', resourceSliceCount = 0, generation = 0 }: Json, at: string): FieldError[] {
  const errors = validatePoolName(name, `${at}.name`);
  if (resourceSliceCount <= 0)
    errors.push(invalidValue(`${at}.resourceSliceCount`, resourceSliceCount, 'must be greater than zero'));
  if (generation < 0)
    errors.push(invalidValue(`${at}.generation`, generation, 'must be greater than or equal to zero'));
  return errors;
}

function validateNodes(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  const { nodeName, nodeSelector } = spec;
  if (nodeName === '')
    errors.push(invalidValue('spec.nodeName', '', 'must be either unset or set to a non-empty string'));
  else if (nodeName !== undefined) errors.push(...validateSubdomain(nodeName, 'spec.nodeName'));
  if (nodeSelector) {
    errors.push(...validateNodeSelector(nodeSelector, 'spec.nodeSelector'));
    const terms: Json[] = nodeSelector.nodeSelectorTerms ?? [];
    if (terms.length !== 1) {
      const at = 'spec.nodeSelector.nodeSelectorTerms';
      errors.push(
        invalidValue(
          at,
          shownField('core.NodeSelector', 'nodeSelectorTerms', nodeSelector),
          'must have exactly one node selector term',
        ),
      );
    }
  }
  for (const field of ['allNodes', 'perDeviceNodeSelection'])
    if (spec[field] === false) errors.push(invalidValue(`spec.${field}`, false, 'must be either unset or set to true'));
  return [
    ...errors,
    ...validateChoice(spec, NODE_FIELDS, 'spec', NODES_TEXT, `${NODES_TEXT}, but multiple fields are set`),
  ];
}

function validateChoice(given: Json, fields: readonly string[], at: string, none: string, many: string): FieldError[] {
  const set = fields.filter((field) => given[field]).map((field) => `\`${field}\``);
  if (set.length === 0) return [required(at, none)];
  return set.length === 1 ? [] : [invalidValue(at, `{${set.join(', ')}}`, many)];
}

function validateDevice(device: Json, old: Json, at: string, ownNodes: boolean): FieldError[] {
  const { name = '', attributes = {}, capacity = {}, taints, consumesCounters } = device;
  const errors = validateLabel(name, `${at}.name`);
  const count = Object.keys(attributes).length + Object.keys(capacity).length;
  if (count > MOST_PROPERTIES) {
    const text = `the total number of attributes and capacities must not exceed ${MOST_PROPERTIES}`;
    errors.push(invalidValue(at, count, text));
  }
  const shared = device.allowMultipleAllocations === true;
  errors.push(
    ...eachEntry(attributes, Infinity, LONGEST_NAME, `${at}.attributes`, validateAttributeName, validateAttribute),
    ...eachEntry(capacity, Infinity, LONGEST_NAME, `${at}.capacity`, validateAttributeName, (each, where) =>
      validateCapacity(each, where, shared),
    ),
  );
  if (!sameJson(taints ?? [], old?.taints ?? []))
    errors.push(...eachOf(taints, MOST_TAINTS, `${at}.taints`, validateTaint));
  errors.push(
    ...eachOfSet(
      consumesCounters,
      MOST_CONSUMPTIONS,
      `${at}.consumesCounters`,
      ({ counterSet = '' }) => counterSet,
      (each, where) => [
        ...validateCounterName(each.counterSet ?? '', `${where}.counterSet`),
        ...validateCounters(each.counters, `${where}.counters`),
      ],
    ),
  );
  if (ownNodes) errors.push(...validateOwnNodes(device, at));
  else if (device.nodeName !== undefined || device.nodeSelector !== undefined || device.allNodes !== undefined)
    errors.push(invalidValue(at, null, NO_OWN_NODES_TEXT));
  return [...errors, ...validateBinding(device, at)];
}

function validateOwnNodes(device: Json, at: string): FieldError[] {
  const { nodeName, nodeSelector, allNodes } = device;
  const errors: FieldError[] = [];
  if (nodeName === '') errors.push(invalidValue(`${at}.nodeName`, '', 'must not be empty'));
  else if (nodeName !== undefined) errors.push(...validateSubdomain(nodeName, `${at}.nodeName`));
  if (nodeSelector) errors.push(...validateNodeSelector(nodeSelector, `${at}.nodeSelector`));
  if (allNodes === false) errors.push(invalidValue(`${at}.allNodes`, false, 'must be either unset or set to true'));
  return [...errors, ...validateChoice(device, NODE_FIELDS.slice(0, 3), at, OWN_NODES_TEXT, OWN_NODES_TEXT)];
}

function validateCounterName(name: string, at: string): FieldError[] {
  return name === '' ? [required(at)] : validateLabel(name, at);
}

function validateCounters(counters: Json, at: string): FieldError[] {
  if (Object.keys(counters ?? {}).length === 0) return [required(at)];
  return eachEntry(counters, MOST_COUNTERS, LONGEST_LABEL, at, validateLabel, () => []);
}

const NUMBER = '(0|[1-9]\\d*)';
const PRERELEASE = '(0|[1-9]\\d*|\\d*[a-zA-Z-][0-9a-zA-Z-]*)';
const BUILD = '[0-9a-zA-Z-]+';
const VERSION = new RegExp(
  `^${NUMBER}\\.${NUMBER}\\.${NUMBER}(-${PRERELEASE}(\\.${PRERELEASE})*)?(\\+${BUILD}(\\.${BUILD})*)?$`,
);

function validateAttribute(attribute: Json, at: string): FieldError[] {
  const { string, version } = attribute;
  const errors: FieldError[] = [];
  if (Buffer.byteLength(string ?? '') > LONGEST_VALUE) errors.push(tooLong(`${at}.string`, LONGEST_VALUE));
  if (version !== undefined && !VERSION.test(version)) {
    const text = 'must be a string compatible with semver.org spec 2.0.0';
    errors.push(invalidValue(`${at}.version`, version, text));
  }
  if (Buffer.byteLength(version ?? '') > LONGEST_VALUE) errors.push(tooLong(`${at}.version`, LONGEST_VALUE));
  const set = ['bool', 'int', 'string', 'version'].filter((field) => attribute[field] !== undefined);
  if (set.length === 1) return errors;
  return [
    ...errors,
    invalidValue(at, set.length === 0 ? '' : shownAttribute(attribute), 'exactly one value must be specified'),
  ];
}

/** The way the server's own messages print an attribute. */
function shownAttribute({ int, bool, string, version }: Json): Json {
  return {
    IntValue: int ?? null,
    BoolValue: bool ?? null,
    StringValue: string ?? null,
    VersionValue: version ?? null,
    IntValues: null,
    BoolValues: null,
    StringValues: null,
    VersionValues: null,
  };
}

function validateTaint({ key = '', value = '', effect = '' }: Json, at: string): FieldError[] {
  const errors = [...validateKey(key, `${at}.key`), ...(value === '' ? [] : validateValue(value, `${at}.value`))];
  if (effect === '') errors.push(required(`${at}.effect`));
  else if (!EFFECTS.includes(effect)) errors.push(notSupported(`${at}.effect`, effect, EFFECTS));
  return errors;
}
