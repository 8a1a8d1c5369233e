import { said } from '#shared/inspection-evidence.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import type { Subject } from '../../types.ts';
import { manualClusterRule } from '../families.ts';

const DAY_MS = 86_400_000;

interface Group {
  about: Subject;
  reason: string;
  message: string;
  count: number;
  last: number;
}

/** Warnings of the last day, one finding for each object and reason. It is about the object, not about the event. */
export const eventAudit = manualClusterRule(
  'EventAudit',
  {
    needs: ['events'],
    references: ['https://kubernetes.io/docs/reference/kubernetes-api/cluster-resources/event-v1/'],
    zh: ['异常事件', '某个组件正在报告故障，用户可能尚未察觉。', '对该对象执行诊断，按事件的原因与内容处理。'],
    en: [
      'Warning events',
      'A component reports a fault that users may not have noticed yet.',
      'Run the diagnosis of the object and follow the reason and message of the event.',
    ],
  },
  (world) => {
    const groups = new Map<string, Group>();
    for (const event of world.ofKind('Event')) {
      const last = timeOf(event);
      if (event.type === 'Normal' || event.type === undefined || world.now - last > DAY_MS) continue;
      const about = subjectOf(event);
      const key = `${about.namespace}/${about.kind}/${about.name}/${event.reason}`;
      const group = groups.get(key) ?? { about, reason: event.reason ?? '', message: '', count: 0, last: 0 };
      group.count += event.series?.count ?? event.count ?? event.deprecatedCount ?? 1;
      if (last >= group.last) {
        group.last = last;
        group.message = String(event.message ?? event.note ?? '');
      }
      groups.set(key, group);
    }
    return [...groups.values()].map(({ about, reason, message, count, last }) => ({
      about,
      field: `event ${reason}`,
      evidence: said('eventTimes', { reason, times: count, last: new Date(last).toISOString(), message }),
    }));
  },
);

/** Both the core and the events.k8s.io form. */
function subjectOf(event: KubeObject): Subject {
  const about = event.involvedObject ?? event.regarding ?? {};
  return { namespace: about.namespace ?? '', kind: about.kind ?? '', name: about.name ?? '' };
}

function timeOf(event: KubeObject): number {
  const { lastTimestamp, deprecatedLastTimestamp, eventTime, firstTimestamp, series, metadata } = event;
  const text =
    series?.lastObservedTime ??
    lastTimestamp ??
    deprecatedLastTimestamp ??
    eventTime ??
    firstTimestamp ??
    metadata.creationTimestamp;
  return Date.parse(text ?? '') || 0;
}
