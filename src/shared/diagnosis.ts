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

/**
 * Checks that do more than read the API, each off until a person chooses it. `reach` sends a request to ports through the
 * API server, `kubelet` asks the kubelet of the node, `machine` runs a pod of ours on the node.
 */
export const FURTHER_CHECKS = ['reach', 'kubelet', 'machine'] as const;
export type FurtherCheck = (typeof FURTHER_CHECKS)[number];

const GOOD_FOR: Readonly<Record<FurtherCheck, readonly (typeof DIAGNOSIS_KINDS)[number][]>> = {
  reach: ['Pod', 'Service', 'Ingress', 'Deployment', 'StatefulSet', 'DaemonSet'],
  kubelet: ['Node', 'Pod'],
  machine: ['Node'],
};

/** Of the pod that looks at a machine, unless another is named. */
export const MACHINE_IMAGE = 'busybox:1.37';
/** What may be named for it. */
export const IMAGE_NAME = /^[\w./:@-]{1,300}$/;

/** What can be chosen for an object of the kind. */
export function furtherFor(kind: (typeof DIAGNOSIS_KINDS)[number]): FurtherCheck[] {
  return FURTHER_CHECKS.filter((check) => GOOD_FOR[check].includes(kind));
}

export const TICKET_FORMATS = ['markdown', 'html', 'json'] as const;

/** A text that is somebody else's as it is, or ours in the language that is asked for. */
export function inLanguage(text: string | { zh: string; en: string }, language: 'zh' | 'en'): string {
  return typeof text === 'string' ? text : text[language];
}
