/**
 * Defaults of pods and pod templates. Source: API reference core/v1 PodSpec, Container, Probe, Volume ("Defaults to").
 * In place and idempotent; hostile shapes are left to validation.
 */
import type { Json } from '#shared/kubernetes/types.ts';
import { defaultPodResources } from './spec/pod-resources.ts';

const PATH = /^[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*$/;
/** Where images come from: a host and perhaps a port. */
const REGISTRY =
  /^(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\[[a-fA-F0-9:]+\])(?::\d+)?$/;
const TAG = /^\w[\w.-]{0,127}$/;

/** `latest` or no tag and no digest is pulled always; what is no name of an image is not said to be the latest. */
export function defaultPullPolicy(image: string): string {
  // What could be a digest is no name.
  if (image.includes('@') || /^[a-f0-9]{64}$/.test(image)) return 'IfNotPresent';
  const name = image.slice(image.lastIndexOf('/') + 1);
  const tag = name.includes(':') ? name.slice(name.indexOf(':') + 1) : 'latest';
  const parts = image.slice(0, image.length - (name.includes(':') ? tag.length + 1 : 0)).split('/');
  // A registry may have letters of both cases.
  if (parts.length > 1 && /[.:A-Z]|^localhost$/.test(parts[0]!) && !REGISTRY.test(parts.shift()!))
    return 'IfNotPresent';
  if (!TAG.test(tag) || !parts.every((part) => PATH.test(part))) return 'IfNotPresent';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

export function defaultPodSpec(spec: Json): void {
  if (spec === null || typeof spec !== 'object') return;
  spec.restartPolicy ||= 'Always';
  spec.dnsPolicy ||= 'ClusterFirst';
  spec.terminationGracePeriodSeconds ??= 30;
  spec.securityContext ??= {};
  spec.schedulerName ||= 'default-scheduler';
  const account = spec.serviceAccountName || spec.serviceAccount;
  if (account) {
    spec.serviceAccountName = account;
    spec.serviceAccount = account;
  }
  for (const list of ['initContainers', 'containers', 'ephemeralContainers'])
    for (const container of spec[list] ?? []) defaultContainer(container);
  for (const volume of spec.volumes ?? []) defaultVolume(volume);
}

/** Pods alone: requests follow limits, service links on, ports of the host's network are its own, no negative grace. */
export function defaultPod(spec: Json): void {
  if (spec === null || typeof spec !== 'object') return;
  // Templates keep it, with a warning.
  if (spec.terminationGracePeriodSeconds < 0) spec.terminationGracePeriodSeconds = 1;
  spec.enableServiceLinks ??= true;
  for (const container of [...(spec.initContainers ?? []), ...(spec.containers ?? [])]) {
    const limits = container?.resources?.limits;
    if (limits && Object.keys(limits).some((name) => container.resources.requests?.[name] === undefined))
      container.resources.requests = { ...limits, ...container.resources.requests };
    if (spec.hostNetwork === true) for (const port of container.ports ?? []) port.hostPort ||= port.containerPort;
  }
  defaultPodResources(spec);
}

function defaultContainer(container: Json): void {
  container.resources ??= {};
  container.terminationMessagePath ||= '/dev/termination-log';
  container.terminationMessagePolicy ||= 'File';
  container.imagePullPolicy ||= defaultPullPolicy(String(container.image ?? ''));
  for (const port of container.ports ?? []) port.protocol ||= 'TCP';
  for (const variable of container.env ?? []) {
    const field = variable.valueFrom?.fieldRef;
    if (field) field.apiVersion ||= 'v1';
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) defaultProbe(container[probe]);
  for (const hook of ['postStart', 'preStop']) defaultHttpGet(container.lifecycle?.[hook]?.httpGet);
}

function defaultProbe(probe: Json): void {
  if (!probe) return;
  probe.timeoutSeconds ||= 1;
  probe.periodSeconds ||= 10;
  probe.successThreshold ||= 1;
  probe.failureThreshold ||= 3;
  defaultHttpGet(probe.httpGet);
  if (probe.grpc) probe.grpc.service ??= '';
}

function defaultHttpGet(get: Json): void {
  if (!get) return;
  get.path ||= '/';
  get.scheme ||= 'HTTP';
}

const DEFAULT_MODE = 0o644;

function defaultDownward(items: Json): void {
  for (const item of items ?? []) if (item.fieldRef) item.fieldRef.apiVersion ||= 'v1';
}

function defaultVolume(volume: Json): void {
  if (Object.keys(volume).every((key) => key === 'name')) volume.emptyDir = {};
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected'])
    if (volume[source]) volume[source].defaultMode ??= DEFAULT_MODE;
  defaultDownward(volume.downwardAPI?.items);
  for (const source of volume.projected?.sources ?? []) {
    defaultDownward(source.downwardAPI?.items);
    if (source.serviceAccountToken) source.serviceAccountToken.expirationSeconds ??= 3600;
  }
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(String(volume.image.reference ?? ''));
  defaultVolumeSource(volume);
  const claim = volume.ephemeral?.volumeClaimTemplate;
  if (claim?.spec) claim.spec.volumeMode ??= 'Filesystem';
}

/** The address of a pod is the first of its addresses; where they differ, it counts and there are no others. */
export function settleAddresses(status: Json): void {
  const first: string | undefined = status?.podIPs?.[0]?.ip;
  if (status?.podIP) {
    if (first !== status.podIP) status.podIPs = [{ ip: status.podIP }];
  } else if (first) status.podIP = first;
}

/** Sources that pods and persistent volumes have in common. */
export function defaultVolumeSource(volume: Json): void {
  if (volume.hostPath) volume.hostPath.type ??= '';
  if (volume.iscsi) volume.iscsi.iscsiInterface ||= 'default';
  if (volume.rbd) {
    volume.rbd.pool ||= 'rbd';
    volume.rbd.user ||= 'admin';
    volume.rbd.keyring ||= '/etc/ceph/keyring';
  }
  if (volume.azureDisk) {
    volume.azureDisk.cachingMode ??= 'ReadWrite';
    volume.azureDisk.kind ??= 'Shared';
    volume.azureDisk.fsType ??= 'ext4';
    volume.azureDisk.readOnly ??= false;
  }
  if (volume.scaleIO) {
    volume.scaleIO.storageMode ||= 'ThinProvisioned';
    volume.scaleIO.fsType ||= 'xfs';
  }
}
