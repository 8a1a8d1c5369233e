/** What both sides know of diagnosis beside the contract: the kinds that can be asked about, the formats of a ticket. Pure. */

export const DIAGNOSIS_KINDS = [
  'Pod',
  'Node',
  'Service',
  'Ingress',
  'Deployment',
  'StatefulSet',
  'DaemonSet',
  'Job',
  'PersistentVolumeClaim',
  'HorizontalPodAutoscaler',
  'Namespace',
] as const;

export const TICKET_FORMATS = ['markdown', 'html', 'json'] as const;

/** A text that is somebody else's as it is, or ours in the language that is asked for. */
export function inLanguage(text: string | { zh: string; en: string }, language: 'zh' | 'en'): string {
  return typeof text === 'string' ? text : text[language];
}
