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
