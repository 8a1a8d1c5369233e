/** The catalogue of causes, and what is looked at for which kind. A cause more is an entry in its family. */
import type { DiagnosisKind, Words } from '#shared/contract/diagnosis.ts';
import type { Cause, Check, Hit } from '../types.ts';
import { ADMISSION_CAUSES, admissionCheck } from './admission.ts';
import { EXIT_CAUSES } from './exits-texts.ts';
import { FURTHER_CAUSES } from './further.ts';
import { IMAGE_CAUSES } from './image.ts';
import { ingressAddressCheck } from './ingress-address.ts';
import { controllerPathCheck } from './ingress-path.ts';
import { routeCheck } from './ingress-routes.ts';
import { INGRESS_CAUSES } from './ingress-texts.ts';
import { backendCheck, classCheck } from './ingresses.ts';
import { nodeReadinessCheck } from './node-readiness.ts';
import { NODE_CAUSES } from './node-texts.ts';
import { nodeCapacityCheck, nodeProblemCheck, nodeTaintCheck } from './nodes.ts';
import { POD_CHECKS } from './pod.ts';
import { READINESS_CAUSES, terminationCheck } from './readiness.ts';
import { SCHEDULING_CAUSES } from './scheduling-texts.ts';
import { SERVICE_CHECKS } from './service.ts';
import { SERVICE_CAUSES } from './service-texts.ts';
import { START_CAUSES } from './start.ts';
import { TITLES } from './titles.ts';
import { tlsCheck } from './tls.ts';
import { claimCheck, VOLUME_CAUSES } from './volumes.ts';
import {
  claimUsersCheck,
  jobCheck,
  namespaceCheck,
  rolloutCheck,
  scalerCheck,
  WORKLOAD_CAUSES,
  workloadPodsCheck,
} from './workloads.ts';

export const CAUSES: readonly Cause[] = [
  ...ADMISSION_CAUSES,
  ...SCHEDULING_CAUSES,
  ...VOLUME_CAUSES,
  ...START_CAUSES,
  ...IMAGE_CAUSES,
  ...EXIT_CAUSES,
  ...READINESS_CAUSES,
  ...NODE_CAUSES,
  ...SERVICE_CAUSES,
  ...INGRESS_CAUSES,
  ...WORKLOAD_CAUSES,
  ...FURTHER_CAUSES,
];

const byId = new Map(CAUSES.map((cause) => [cause.id, cause]));

export function causeOf(id: string): Cause {
  const cause = byId.get(id);
  if (cause === undefined) throw new RangeError(`no cause ${id}`);
  return cause;
}

/** What it is called in general. */
export function titleOf(id: string): Words {
  const title = TITLES[id];
  if (title === undefined) throw new RangeError(`no title of ${id}`);
  return { zh: title[0], en: title[1] };
}

const WORKLOAD_CHECKS: readonly Check[] = [rolloutCheck, admissionCheck, workloadPodsCheck, terminationCheck];

export const CHECKS: Readonly<Record<DiagnosisKind, readonly Check[]>> = {
  Pod: POD_CHECKS,
  Node: [nodeReadinessCheck, nodeProblemCheck, nodeTaintCheck, nodeCapacityCheck],
  Service: [...SERVICE_CHECKS, terminationCheck],
  Ingress: [classCheck, backendCheck, controllerPathCheck, tlsCheck, routeCheck, ingressAddressCheck],
  Deployment: WORKLOAD_CHECKS,
  StatefulSet: WORKLOAD_CHECKS,
  DaemonSet: WORKLOAD_CHECKS,
  Job: [admissionCheck, jobCheck, terminationCheck],
  PersistentVolumeClaim: [claimCheck, claimUsersCheck, terminationCheck],
  HorizontalPodAutoscaler: [scalerCheck],
  Namespace: [namespaceCheck],
};

/** A cause's sentence or remedy with the values of a hit. */
export function words(hit: Hit, which: 'says' | 'remedy'): Words {
  const cause = causeOf(hit.cause);
  const fill = (language: keyof Words): string =>
    cause[language][which].replaceAll(/\{(\w+)\}/g, (_all, name: string) => {
      const value = hit.params[name];
      return value === undefined ? '?' : String(typeof value === 'object' ? value[language] : value);
    });
  return { zh: fill('zh'), en: fill('en') };
}
