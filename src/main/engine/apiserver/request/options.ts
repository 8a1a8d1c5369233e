/** Query parameters of the verbs, with the refusals the real server gives. Source: meta/v1 ListOptions, CreateOptions, PatchOptions. */
import { integerProblem } from '../go-integer.ts';
import { fieldTerms } from '../selectors/fields.ts';
import { parseLabelSelector } from '../selectors/labels.ts';
import { badRequest, invalid } from '../status.ts';
import type { FieldError } from '../types.ts';
import { isTrue } from './route.ts';

export interface WriteOptions {
  dryRun: boolean;
  /** Explicit, or what the user agent says before its first slash. */
  fieldManager: string;
  /** What the client named of these; admission is told of nothing else. Absent for the server's own writes. */
  asked?: Record<string, unknown>;
  fieldValidation: 'Strict' | 'Warn' | 'Ignore';
  /** Server-side apply only. */
  force: boolean;
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions';

export function parseWriteOptions(
  kind: OptionsKind,
  query: URLSearchParams,
  userAgent: string | undefined,
  apply = false,
): WriteOptions {
  const errors: FieldError[] = [];
  const dryRun = parseDryRun(query.getAll('dryRun'), errors);
  const given = query.get('fieldManager') ?? '';
  if (given.length > 128)
    errors.push({
      type: 'FieldValueTooLong',
      field: 'fieldManager',
      message: 'Too long: may not be more than 128 bytes',
    });
  const unprintable = given.search(/\p{C}/u);
  if (unprintable >= 0) {
    const code = given.codePointAt(unprintable) ?? 0;
    const shown = JSON.stringify(given).replace(/\\u00([0-9a-f]{2})/g, '\\x$1');
    const position = Buffer.byteLength(given.slice(0, unprintable));
    const text = `invalid character U+${code.toString(16).toUpperCase().padStart(4, '0')} (at position ${position})`;
    errors.push({ type: 'FieldValueInvalid', field: 'fieldManager', message: `Invalid value: ${shown}: ${text}` });
  }
  if (apply && given === '')
    errors.push({
      type: 'FieldValueRequired',
      field: 'fieldManager',
      message: 'Required value: is required for apply patch',
    });
  if (kind === 'PatchOptions' && !apply && query.has('force'))
    errors.push({
      type: 'FieldValueForbidden',
      field: 'force',
      message: 'Forbidden: may not be specified for non-apply patch',
    });
  const fieldValidation = query.get('fieldValidation') ?? '';
  if (!['', 'Ignore', 'Strict', 'Warn'].includes(fieldValidation))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'fieldValidation',
      message: `Unsupported value: "${fieldValidation}": supported values: "", "Ignore", "Strict", "Warn"`,
    });
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind }, '', errors);
  return {
    dryRun,
    fieldManager: given !== '' ? given : managerFromUserAgent(userAgent),
    asked: {
      ...(query.has('dryRun') ? { dryRun: query.getAll('dryRun') } : {}),
      ...(given === '' ? {} : { fieldManager: given }),
      ...(fieldValidation === '' ? {} : { fieldValidation }),
    },
    fieldValidation: fieldValidation === '' ? 'Warn' : (fieldValidation as WriteOptions['fieldValidation']),
    force: isTrue(query.get('force')),
  };
}

export function parseDryRun(values: readonly string[], errors: FieldError[]): boolean {
  if (values.some((value) => value !== 'All'))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'dryRun',
      message: `Unsupported value: ${JSON.stringify(values)}: supported values: "All"`,
    });
  return values.length > 0;
}

function managerFromUserAgent(userAgent: string | undefined): string {
  const name = (userAgent ?? '').split('/', 1)[0]!.slice(0, 128);
  return name === '' ? 'unknown' : name;
}

export interface ListOptions {
  labelSelector: string;
  fieldSelector: string;
  limit: number;
  continue: string;
  resourceVersion: string;
  resourceVersionMatch: string;
  sendInitialEvents: boolean | null;
  allowWatchBookmarks: boolean;
  timeoutSeconds: number | null;
}

/** Parses and validates the combinations (KEP-2340, KEP-3157). */
export function parseListOptions(query: URLSearchParams, watching: boolean): ListOptions {
  // What is no number is told of this one first.
  const timeoutSeconds = parseInteger(query, 'timeoutSeconds');
  const options: ListOptions = {
    labelSelector: query.get('labelSelector') ?? '',
    fieldSelector: query.get('fieldSelector') ?? '',
    limit: parseInteger(query, 'limit') ?? 0,
    continue: query.get('continue') ?? '',
    resourceVersion: query.get('resourceVersion') ?? '',
    resourceVersionMatch: query.get('resourceVersionMatch') ?? '',
    sendInitialEvents: query.has('sendInitialEvents') ? isTrue(query.get('sendInitialEvents')) : null,
    allowWatchBookmarks: isTrue(query.get('allowWatchBookmarks')),
    timeoutSeconds,
  };
  const errors = watching ? watchErrors(options) : listErrors(options);
  if (errors.length === 0) return options;
  // Selectors are read before what is asked for is judged.
  parseLabelSelector(options.labelSelector);
  fieldTerms(options.fieldSelector);
  throw invalid({ group: 'meta.k8s.io', kind: 'ListOptions' }, '', errors);
}

export function parseInteger(query: URLSearchParams, name: string): number | null {
  const text = query.get(name);
  if (text === null) return null;
  checkInteger(text);
  return Number(text);
}

/** Throws 400. */
export function checkInteger(text: string): void {
  const problem = integerProblem(text);
  if (problem !== null) throw badRequest(problem);
}

const forbidden = (field: string, text: string): FieldError => ({
  type: 'FieldValueForbidden',
  field,
  message: `Forbidden: ${text}`,
});

function watchErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  if (options.sendInitialEvents !== null && match !== 'NotOlderThan')
    errors.push(
      forbidden('resourceVersionMatch', 'sendInitialEvents requires setting resourceVersionMatch to NotOlderThan'),
    );
  if (options.sendInitialEvents === null && match !== '')
    errors.push(
      forbidden(
        'resourceVersionMatch',
        'resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided',
      ),
    );
  if (match !== '' && match !== 'NotOlderThan')
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'resourceVersionMatch',
      message: `Unsupported value: "${match}": supported values: "NotOlderThan"`,
    });
  // From no revision in particular, and unless it is said, what there is already is sent first, and that is matched.
  const unsaid = options.sendInitialEvents === null;
  const fromAny = unsaid && (options.resourceVersion === '' || options.resourceVersion === '0');
  if (options.continue !== '' && (match !== '' || fromAny))
    errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
  return errors;
}

function listErrors(options: ListOptions): FieldError[] {
  const errors: FieldError[] = [];
  const match = options.resourceVersionMatch;
  if (match !== '') {
    if (options.resourceVersion === '')
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden unless resourceVersion is provided'),
      );
    if (options.continue !== '')
      errors.push(forbidden('resourceVersionMatch', 'resourceVersionMatch is forbidden when continue is provided'));
    if (match !== 'Exact' && match !== 'NotOlderThan')
      errors.push({
        type: 'FieldValueNotSupported',
        field: 'resourceVersionMatch',
        message: `Unsupported value: "${match}": supported values: "Exact", "NotOlderThan", ""`,
      });
    if (match === 'Exact' && options.resourceVersion === '0')
      errors.push(
        forbidden('resourceVersionMatch', 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"'),
      );
  }
  if (options.sendInitialEvents !== null)
    errors.push(forbidden('sendInitialEvents', 'sendInitialEvents is forbidden for list'));
  return errors;
}
