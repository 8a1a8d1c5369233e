/** Events, in the shape of core/v1 (`involvedObject`) and of events.k8s.io/v1 (`regarding`). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { since, text, wide } from '../../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../../types.ts';
import { immutableField, invalidAll, invalidValue, required, sameJson } from '../validation/field.ts';
import { qualifiedName } from '../validation/meta.ts';

type Subject = 'involvedObject' | 'regarding';

const subjectFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

const controllerOf = (event: KubeObject): string => event.reportingComponent || event.reportingController || '';

/** What can be selected by; an event is looked at in the shape in which it was written, which may be the other one. */
export function eventFields(subject: Subject): NonNullable<KindDefinition['selectableFields']> {
  const fields: NonNullable<KindDefinition['selectableFields']> = {
    reason: (event) => event.reason ?? '',
    type: (event) => event.type ?? '',
  };
  for (const field of subjectFields)
    fields[`${subject}.${field}`] = (event) => (event.involvedObject ?? event.regarding)?.[field] ?? '';
  if (subject === 'involvedObject') {
    fields.reportingComponent = controllerOf;
    fields.source = (event) => (event.source ?? event.deprecatedSource)?.component || controllerOf(event);
  } else {
    fields.reportingController = controllerOf;
  }
  return fields;
}

const firstSeen = (event: KubeObject): unknown =>
  event.firstTimestamp ?? event.deprecatedFirstTimestamp ?? event.eventTime;
function lastSeen(event: KubeObject): unknown {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.deprecatedLastTimestamp ?? firstSeen(event);
}

function count(event: KubeObject): number {
  return event.series?.count ?? (event.count || event.deprecatedCount || 1);
}

function sourceText(event: KubeObject): string {
  const source: Json = event.source ?? event.deprecatedSource ?? {};
  const component = source.component || controllerOf(event);
  const host = source.host || (source.component ? '' : event.reportingInstance) || '';
  return [component, host].filter((part) => part !== '').join(', ');
}

export function eventColumns(subject: Subject): TableColumn[] {
  return [
    text('Last Seen', (event, now) => since(lastSeen(event), now)),
    text('Type', (event) => event.type ?? ''),
    text('Reason', (event) => event.reason ?? ''),
    text('Object', (event) => {
      const about = event[subject] ?? {};
      return `${String(about.kind ?? '').toLowerCase()}/${about.name ?? ''}`;
    }),
    wide('Subobject', (event) => event[subject]?.fieldPath ?? ''),
    wide('Source', sourceText),
    text('Message', (event) => String(event.message ?? event.note ?? '').trim()),
    wide('First Seen', (event, now) => since(firstSeen(event), now)),
    wide('Count', count),
    wide('Name', (event) => event.metadata.name ?? '', { format: 'name' }),
  ];
}

const MOST_NAME = 128;
const MOST_NOTE = 1024;

/** What every event is asked for; `controller` is the API's name of the field that says who reports. */
function validateReport(event: KubeObject, about: string, note: string, controller: string): FieldError[] {
  const own = event.metadata.namespace ?? '';
  const isShared = own === 'default' || own === 'kube-system' || own === '';
  const misplaced = [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
  // Events live where their subject lives; events about cluster-wide things in `default`.
  if (!event.eventTime) return (about === '' ? isShared : about === own) ? [] : misplaced;
  const errors = about === '' && !isShared ? misplaced : [];
  const reporter: string = event[controller] ?? '';
  if (reporter === '') errors.push(required(controller));
  errors.push(...invalidAll(controller, reporter, qualifiedName(reporter)));
  for (const field of ['reportingInstance', 'action', 'reason']) {
    const text: string = event[field] ?? '';
    if (text === '') errors.push(required(field));
    if (Buffer.byteLength(text) > MOST_NAME)
      errors.push(invalidValue(field, '', `can have at most ${MOST_NAME} characters`));
  }
  if (Buffer.byteLength(note) > MOST_NOTE)
    errors.push(invalidValue('message', '', `can have at most ${MOST_NOTE} characters`));
  return errors;
}

/** Events of core/v1. */
export function validateEvent(event: KubeObject): FieldError[] {
  return validateReport(event, event.involvedObject?.namespace ?? '', event.message ?? '', 'reportingComponent');
}

const OLD_FIELDS: readonly [ours: string, theirs: string][] = [
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  ['deprecatedSource', 'source'],
];

/** Events of events.k8s.io/v1. An update may change nothing but the series. */
export function validateNewEvent(event: KubeObject, old: KubeObject | null): FieldError[] {
  const errors = validateReport(event, event.regarding?.namespace ?? '', event.note ?? '', 'reportingController');
  if (old !== null) {
    for (const [field, name] of FIXED) errors.push(...immutableField('events.Event', field, name, event, old));
    return sameJson(event.series, old.series) ? errors : [...errors, ...validateSeries(event.series)];
  }
  errors.push(...validateSeries(event.series));
  if (!event.eventTime) errors.push(required('eventTime'));
  if (!['Normal', 'Warning'].includes(event.type))
    errors.push(invalidValue('type', '', `has invalid value: ${event.type ?? ''}`));
  for (const [field, name] of OLD_FIELDS)
    if (isSet(event[field])) errors.push(invalidValue(name, '', 'needs to be unset'));
  return errors;
}

function validateSeries(series: Json): FieldError[] {
  if (!series) return [];
  const errors: FieldError[] = [];
  if ((series.count ?? 0) < 2) errors.push(invalidValue('series.count', '', 'should be at least 2'));
  if (!series.lastObservedTime) errors.push(required('series.lastObservedTime'));
  return errors;
}

const FIXED: readonly [ours: string, theirs: string][] = [
  ['regarding', 'involvedObject'],
  ['reason', 'reason'],
  ['note', 'message'],
  ['deprecatedSource', 'source'],
  ['deprecatedFirstTimestamp', 'firstTimestamp'],
  ['deprecatedLastTimestamp', 'lastTimestamp'],
  ['deprecatedCount', 'count'],
  // Named twice there.
  ['reason', 'reason'],
  ['type', 'type'],
  ['eventTime', 'eventTime'],
  ['action', 'action'],
  ['related', 'related'],
  ['reportingController', 'reportingController'],
  ['reportingInstance', 'reportingInstance'],
];

function isSet(value: Json): boolean {
  return value !== undefined && value !== null && value !== 0 && !(typeof value === 'object' && isEmpty(value));
}

const isEmpty = (value: object): boolean => Object.values(value).every((each) => each === '' || each === undefined);
