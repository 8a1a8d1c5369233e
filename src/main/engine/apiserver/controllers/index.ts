/**
 * Controllers beyond those every server has (namespaces, garbage collection, aggregation, account secrets), chosen as
 * kube-controller-manager's --controllers chooses: names, `*` for all, `-name` for all but one.
 */
import type { Core } from '../core.ts';
import { CertificateController } from './certificates.ts';
import { PodGarbageCollector } from './pod-gc.ts';
import { PolicyStatus } from './policy-status.ts';
import { ResourceQuotaController } from './resource-quota.ts';
import { RootCaPublisher } from './root-ca.ts';
import { ServiceRanges } from './service-ranges.ts';
import { TtlAfterFinished } from './ttl-after-finished.ts';

export interface Controller {
  start(): void;
  stop(): Promise<void>;
}

export const CONTROLLER_NAMES = [
  'certificatesigningrequest-approving-controller',
  'certificatesigningrequest-cleaner-controller',
  'certificatesigningrequest-signing-controller',
  'pod-garbage-collector-controller',
  'resourcequota-controller',
  'root-ca-certificate-publisher-controller',
  'service-cidr-controller',
  'ttl-after-finished-controller',
  'validatingadmissionpolicy-status-controller',
] as const;

/** Names may leave out `-controller`. */
export function isChosen(chosen: readonly string[], name: string): boolean {
  const known = (given: string) => given === name || `${given}-controller` === name;
  if (chosen.some((each) => each.startsWith('-') && known(each.slice(1)))) return false;
  return chosen.some((each) => each === '*' || known(each));
}

/** What of a choice names no controller. */
export function unknownControllers(chosen: readonly string[]): string[] {
  return chosen.filter(
    (each) => each !== '*' && !CONTROLLER_NAMES.some((name) => isChosen([each.replace(/^-/, '')], name)),
  );
}

export function chosenControllers(
  core: Core,
  ca: { caCertificate: string; caKey: string },
  chosen: readonly string[],
): Controller[] {
  const on = (name: (typeof CONTROLLER_NAMES)[number]) => isChosen(chosen, name);
  const controllers: Controller[] = [];
  if (on('root-ca-certificate-publisher-controller')) controllers.push(new RootCaPublisher(core, ca.caCertificate));
  if (on('resourcequota-controller')) controllers.push(new ResourceQuotaController(core));
  if (on('service-cidr-controller')) controllers.push(new ServiceRanges(core));
  if (on('ttl-after-finished-controller')) controllers.push(new TtlAfterFinished(core));
  if (on('pod-garbage-collector-controller')) controllers.push(new PodGarbageCollector(core));
  if (on('validatingadmissionpolicy-status-controller')) controllers.push(new PolicyStatus(core));
  const tasks = {
    approve: on('certificatesigningrequest-approving-controller'),
    sign: on('certificatesigningrequest-signing-controller'),
    clean: on('certificatesigningrequest-cleaner-controller'),
  };
  if (tasks.approve || tasks.sign || tasks.clean) controllers.push(new CertificateController(core, ca, tasks));
  return controllers;
}
