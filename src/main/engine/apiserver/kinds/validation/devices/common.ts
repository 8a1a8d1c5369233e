/** What names, lists and maps of devices have in common. Source: API reference resource.k8s.io/v1; texts of the server's validation. */
import type { Json } from '#shared/kubernetes/types.ts';
import type { FieldError } from '../../../types.ts';
import { validateDriverName } from '../../pods/spec/plugins.ts';
import { duplicate, eachAt, invalidAll, invalidValue, required, tooLong, tooMany } from '../field.ts';
import { labelName, labelValue, qualifiedName, subdomainName } from '../meta.ts';

export type Check = (element: Json, at: string) => FieldError[];

/** A list with no more than `most` elements: a longer one is not looked at. */
export function eachOf(list: Json, most: number, at: string, check: Check): FieldError[] {
  const count = (list ?? []).length;
  return count > most ? [tooMany(at, count, most)] : eachAt(list, at, check);
}

/** Such a list whose elements differ in their key. */
export function eachOfSet(
  list: Json,
  most: number,
  at: string,
  key: (element: Json) => unknown,
  check: Check,
): FieldError[] {
  const errors = eachOf(list, most, at, check);
  if ((list ?? []).length > most) return errors;
  const seen = new Set<string>();
  return [
    ...errors,
    ...eachAt(list, at, (element, where) => {
      const own = key(element);
      const known = JSON.stringify(own);
      const again = seen.has(known);
      seen.add(known);
      return again ? [duplicate(where, own)] : [];
    }),
  ];
}

/** Complaints about a key stand at the map, those about a value at its key. */
export function eachEntry(map: Json, most: number, longestKey: number, at: string, key: NameCheck, value: Check) {
  const entries = Object.entries((map ?? {}) as Record<string, Json>);
  if (entries.length > most) return [tooMany(at, entries.length, most)];
  return entries.flatMap(([name, item]) => [
    ...key(name, at),
    ...value(item ?? {}, `${at}[${shortened(name, longestKey)}]`),
  ]);
}

function shortened(text: string, longest: number): string {
  if (text.length <= longest) return text;
  const rest = longest - 3;
  return `${text.slice(0, Math.floor((rest + 1) / 2))}...${text.slice(text.length - Math.floor(rest / 2))}`;
}

export type NameCheck = (name: string, at: string) => FieldError[];

const named =
  (rule: (name: string) => string[]): NameCheck =>
  (name, at) =>
    invalidAll(at, name, rule(name));

export const validateLabel: NameCheck = named(labelName);
export const validateSubdomain: NameCheck = named(subdomainName);
export const validateKey: NameCheck = named(qualifiedName);
export const validateValue: NameCheck = named(labelValue);

export function validatePoolName(name: string, at: string): FieldError[] {
  if (name === '') return [required(at)];
  const errors = name.length > 253 ? [tooLong(at, 253)] : [];
  return [...errors, ...name.split('/').flatMap((part) => validateSubdomain(part, at))];
}

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;
const IDENTIFIER_TEXT =
  "a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName', regex used for validation is '[A-Za-z_][A-Za-z0-9_]*')";
const LONGEST_ID = 32;
/** Of a domain, a slash and a name. */
export const LONGEST_NAME = 63 + 1 + LONGEST_ID;

function validateIdentifier(id: string, at: string): FieldError[] {
  const errors = id.length > LONGEST_ID ? [tooLong(at, LONGEST_ID)] : [];
  return IDENTIFIER.test(id) ? errors : [...errors, invalidValue(at, id, IDENTIFIER_TEXT)];
}

/** Of an attribute or a capacity, with or without its domain. The real server takes names with more slashes, too. */
export function validateAttributeName(name: string, at: string): FieldError[] {
  const parts = name.split('/');
  const [first = '', second = ''] = parts;
  if (parts.length === 1) return validateIdentifier(first, at);
  if (parts.length > 2) return [];
  return [
    ...(first === '' ? [invalidValue(at, '', 'the domain must not be empty')] : validateDriverName(first, at)),
    ...(second === '' ? [invalidValue(at, '', 'the name must not be empty')] : validateIdentifier(second, at)),
  ];
}

export function validateFullName(name: string, at: string): FieldError[] {
  const errors = validateAttributeName(name, at);
  if (name.includes('/')) return errors;
  return [...errors, invalidValue(at, name, 'a fully qualified name must be a domain and a name separated by a slash')];
}

const MOST_CONDITIONS = 4;

/** Conditions that a device has to meet before a pod is bound, and those that say that it never will. */
export function validateBinding({ bindingConditions, bindingFailureConditions }: Json, at: string): FieldError[] {
  const [good, bad]: [string[], string[]] = [bindingConditions ?? [], bindingFailureConditions ?? []];
  const [goodAt, badAt] = [`${at}.bindingConditions`, `${at}.bindingFailureConditions`];
  const repeated = (list: string[], where: string): FieldError[] =>
    eachAt(list, where, (name: string, place, index) => (list.indexOf(name) < index ? [duplicate(place, name)] : []));
  const errors = [
    ...eachOf(good, MOST_CONDITIONS, goodAt, validateKey),
    ...eachOf(bad, MOST_CONDITIONS, badAt, validateKey),
    ...repeated(good, goodAt),
    ...eachAt(bad, badAt, (name: string, place, index) => [
      ...(bad.indexOf(name) < index ? [duplicate(place, name)] : []),
      ...(good.includes(name)
        ? [invalidValue(place, name, 'bindingFailureConditions must not overlap with bindingConditions')]
        : []),
    ]),
  ];
  if (good.length === 0 && bad.length > 0)
    errors.push(
      invalidValue(goodAt, bindingConditions ?? null, 'bindingConditions are required to use bindingFailureConditions'),
    );
  if (bad.length === 0 && good.length > 0)
    errors.push(
      invalidValue(
        badAt,
        bindingFailureConditions ?? null,
        'bindingFailureConditions are required to use bindingConditions',
      ),
    );
  return errors;
}
