/** Events, in the shape of core/v1 (`involvedObject`) and of events.k8s.io/v1 (`regarding`). */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { since, text, wide } from '../../table/cells.ts';
import type { FieldError, KindDefinition, TableColumn } from '../../types.ts';
import { invalidValue } from '../validation/field.ts';

type Subject = 'involvedObject' | 'regarding';

const subjectFields = ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'];

export function eventFields(subject: Subject): NonNullable<KindDefinition['selectableFields']> {
  const fields: NonNullable<KindDefinition['selectableFields']> = {
    reason: (event) => event.reason ?? '',
    type: (event) => event.type ?? '',
  };
  for (const field of subjectFields) fields[`${subject}.${field}`] = (event) => event[subject]?.[field] ?? '';
  if (subject === 'involvedObject') {
    fields.reportingComponent = (event) => event.reportingComponent ?? '';
    fields.source = (event) => event.source?.component || event.reportingComponent || '';
  } else {
    fields.reportingController = (event) => event.reportingController ?? '';
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
  const component = source.component || event.reportingComponent || event.reportingController || '';
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
    wide('Name', (event) => event.metadata.name ?? ''),
  ];
}

/** Events live where their subject lives; events about cluster-wide things in `default`. */
export function validateEvent(event: KubeObject): FieldError[] {
  const about: string = event.involvedObject?.namespace ?? '';
  const own = event.metadata.namespace ?? '';
  if (about === '' ? own === 'default' || own === 'kube-system' || own === '' : about === own) return [];
  return [invalidValue('involvedObject.namespace', about, 'does not match event.namespace')];
}
