/**
 * Whether pods and pod templates are as the API says. The parts of a spec are judged by the modules in `spec/`.
 * Source: API reference core/v1 PodSpec; paths and texts of the server's validation.
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { equalJson } from '../../json.ts';
import { shown } from '../../openapi/shown.ts';
import type { FieldError } from '../../types.ts';
import {
  duplicate,
  eachAt,
  fieldNotFound,
  forbiddenField,
  invalidAll,
  invalidValue,
  notSupported,
  required,
  tooLong,
} from '../validation/field.ts';
import { labelName, subdomainName, validateAnnotations, validateLabels } from '../validation/meta.ts';
import { validateProfileChange, validateProfileFields, validateProfiles } from './profiles.ts';
import { MIRROR, validatePodResize } from './resize.ts';
import { validateAffinity } from './spec/affinity.ts';
import { validateContainers } from './spec/containers.ts';
import { validateDns, validateHostAliases } from './spec/names.ts';
import { validatePodResources } from './spec/pod-resources.ts';
import { validateHostNetworkPorts } from './spec/ports.ts';
import { validateResources } from './spec/resources.ts';
import {
  validateReadinessGates,
  validateSchedulingGates,
  validateSpread,
  validateTolerations,
} from './spec/scheduling.ts';
import { validatePodSecurity } from './spec/security.ts';
import { validateHostProcesses, validateSystem } from './spec/systems.ts';
import { validateVolumes } from './spec/volumes.ts';
import { validatePodStatus } from './status.ts';
import { validatePodUpdate } from './update.ts';

const RESTARTS = ['Always', 'OnFailure', 'Never'];
const PREEMPTION = ['PreemptLowerPriority', 'Never'];
const MAX_SECONDS = 2 ** 31 - 1;
const MAX_HOST_NAME = 64;

/** What of the world around a spec decides whether it is right. */
interface Place {
  /** True for a pod, false for a template. */
  inPod: boolean;
  /** The pod's name, empty for a template. */
  pod: string;
}

export function validatePodTemplate(template: Json, at: string): FieldError[] {
  const spec = template?.spec ?? {};
  const errors = [
    ...validateLabels(template?.metadata?.labels, `${at}.labels`),
    ...validateAnnotations(template?.metadata?.annotations, `${at}.annotations`),
    ...validateProfiles(template?.metadata, spec, `${at}.annotations`),
    ...validatePodSpec(spec, `${at}.spec`, { inPod: false, pod: '' }),
    ...validateProfileFields(template?.metadata, spec, `${at}.spec`),
  ];
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(forbiddenField(`${at}.spec.ephemeralContainers`, 'ephemeral containers not allowed in pod template'));
  return errors;
}

/** Pods that a controller makes again cannot be given a deadline. `at` is the path of the spec. */
export function noDeadline(kind: string, at: string): FieldError {
  return forbiddenField(`${at}.activeDeadlineSeconds`, `activeDeadlineSeconds in ${kind} is not Supported`);
}

/** A pod on its own, and when `old` is given as what becomes of that one through `subresource`. */
export function validatePod(object: KubeObject, old: KubeObject | null, subresource = ''): FieldError[] {
  // A status says nothing of the spec, which was judged when it was written.
  if (subresource === 'status') return old === null ? [] : validatePodStatus(object, old);
  const spec = object.spec ?? {};
  // So was one that is still what it was.
  const said = equalJson(object.metadata.annotations ?? {}, old?.metadata.annotations ?? {})
    ? []
    : [
        ...validateMirror(object, 'metadata.annotations'),
        ...validateProfiles(object.metadata, spec, 'metadata.annotations'),
      ];
  if (old !== null) said.push(...validateProfileChange(object.metadata, old.metadata));
  if (old !== null && equalJson(spec, old.spec)) return said;
  const errors = [...said, ...validatePodSpec(spec, 'spec', { inPod: true, pod: object.metadata.name ?? '' })];
  if (!spec.serviceAccountName)
    errors.push(
      ...eachAt(spec.volumes, 'spec.volumes', (volume, where) =>
        eachAt(volume.projected?.sources, `${where}.projected.sources`, (source, place) =>
          source.serviceAccountToken
            ? [
                forbiddenField(
                  `${place}.serviceAccountToken`,
                  'must not be specified when serviceAccountName is not set',
                ),
              ]
            : [],
        ),
      ),
    );
  if (old === null) return [...errors, ...validateNew(spec), ...validateProfileFields(object.metadata, spec, 'spec')];
  const change =
    subresource === 'resize' ? validatePodResize(object, old) : validatePodUpdate(object, old, subresource);
  return [...errors, ...change];
}

/** A mirror shows what runs on a node, so it has one. */
function validateMirror({ metadata, spec }: KubeObject, at: string): FieldError[] {
  const mirrored = metadata.annotations?.[MIRROR];
  if (mirrored === undefined || spec?.nodeName) return [];
  return [invalidValue(`${at}[${MIRROR}]`, mirrored, 'must set spec.nodeName if mirror pod annotation is set')];
}

function validateNew(spec: Json): FieldError[] {
  const errors: FieldError[] = [];
  if ((spec.ephemeralContainers ?? []).length > 0)
    errors.push(forbiddenField('spec.ephemeralContainers', 'cannot be set on create'));
  if (spec.nodeName && (spec.schedulingGates ?? []).length > 0)
    errors.push(forbiddenField('spec.nodeName', 'cannot be set until all schedulingGates have been cleared'));
  return errors;
}

function validatePodSpec(spec: Json, at: string, place: Place): FieldError[] {
  const { errors, sound } = validateVolumes(spec.volumes, `${at}.volumes`, place.pod, place.inPod);
  const volumes = new Map(sound);
  const claims = new Set<string>(((spec.resourceClaims ?? []) as Json[]).map((claim) => claim.name ?? ''));
  claims.delete('');
  errors.push(
    ...validateResourceClaims(spec.resourceClaims, `${at}.resourceClaims`),
    ...validateContainers({ spec, volumes, claims, inPod: place.inPod }, at),
    ...validatePodResources(spec, at, claims),
    ...validateHostNetworkPorts(spec, at, place.inPod),
    ...validateFileVariables(spec, at),
  );
  if (!spec.restartPolicy) errors.push(required(`${at}.restartPolicy`));
  else if (!RESTARTS.includes(spec.restartPolicy))
    errors.push(notSupported(`${at}.restartPolicy`, spec.restartPolicy, RESTARTS));
  return [
    ...errors,
    ...validateDns(spec, at),
    ...validateLabels(spec.nodeSelector, `${at}.nodeSelector`),
    ...validatePodSecurity(spec, at),
    ...validateAffinity(spec.affinity, `${at}.affinity`),
    ...validateReadinessGates(spec.readinessGates, `${at}.readinessGates`),
    ...validateSchedulingGates(spec.schedulingGates, `${at}.schedulingGates`),
    ...validateSpread(spec.topologySpreadConstraints, `${at}.topologySpreadConstraints`),
    ...validateHostProcesses(spec, at),
    ...validateNames(spec, at),
    ...validateTolerations(spec.tolerations, `${at}.tolerations`),
    ...validateHostAliases(spec.hostAliases, `${at}.hostAliases`),
    ...validateSmall(spec, at),
  ];
}

function validateNames(spec: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  // An empty name of a class of runtimes is one all the same.
  for (const field of ['serviceAccountName', 'nodeName', 'runtimeClassName', 'priorityClassName'])
    if (spec[field] || (field === 'runtimeClassName' && spec[field] === ''))
      errors.push(...invalidAll(`${at}.${field}`, spec[field], subdomainName(spec[field])));
  for (const field of ['hostname', 'subdomain'])
    if (spec[field]) errors.push(...invalidAll(`${at}.${field}`, spec[field], labelName(spec[field])));
  const { hostnameOverride: host } = spec;
  const where = `${at}.hostnameOverride`;
  if (typeof host !== 'string') return errors;
  if (spec.setHostnameAsFQDN === true)
    errors.push(forbiddenField(where, 'may not be specified when setHostnameAsFQDN is true'));
  if (spec.hostNetwork === true) errors.push(forbiddenField(where, 'may not be specified when hostNetwork is true'));
  if (Buffer.byteLength(host) > MAX_HOST_NAME) errors.push(tooLong(where, MAX_HOST_NAME));
  return [...errors, ...invalidAll(where, host, subdomainName(host))];
}

/** Variables come from files in a volume that the pod itself fills. */
function validateFileVariables(spec: Json, at: string): FieldError[] {
  const volumes = new Map(((spec.volumes ?? []) as Json[]).map((volume) => [volume?.name ?? '', volume]));
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    eachAt(spec[list], `${at}.${list}`, (container, where) =>
      eachAt(container.env, `${where}.env`, ({ valueFrom }, place) => {
        if (!valueFrom?.fileKeyRef) return [];
        const name: string = valueFrom.fileKeyRef.volumeName ?? '';
        const path = `${place}.valueFrom.fileKeyRef.volumeName`;
        const volume = volumes.get(name);
        if (volume === undefined) return [fieldNotFound(path, name)];
        return volume.emptyDir ? [] : [invalidValue(path, name, 'referenced volume must be of type emptyDir')];
      }),
    ),
  );
}

function validateSmall(spec: Json, at: string): FieldError[] {
  const errors: FieldError[] = [];
  const { activeDeadlineSeconds: deadline, preemptionPolicy, overhead } = spec;
  if (typeof deadline === 'number' && (deadline < 1 || deadline > MAX_SECONDS)) {
    const text = `must be between 1 and ${MAX_SECONDS}, inclusive`;
    errors.push(invalidValue(`${at}.activeDeadlineSeconds`, deadline, text));
  }
  if (preemptionPolicy === '') errors.push(required(`${at}.preemptionPolicy`));
  else if (preemptionPolicy !== undefined && !PREEMPTION.includes(preemptionPolicy))
    errors.push(notSupported(`${at}.preemptionPolicy`, preemptionPolicy, PREEMPTION));
  if (overhead) errors.push(...validateResources({ limits: overhead }, `${at}.overhead`, new Set()));
  return [...errors, ...validateSystem(spec, at)];
}

function validateResourceClaims(claims: Json, at: string): FieldError[] {
  const names = new Set<string>();
  return eachAt(claims, at, (claim, where) => {
    const { name = '', resourceClaimName, resourceClaimTemplateName } = claim;
    const errors: FieldError[] = [];
    if (name === '') errors.push(required(`${where}.name`));
    else if (names.has(name)) errors.push(duplicate(`${where}.name`, name));
    else errors.push(...invalidAll(`${where}.name`, name, labelName(name)));
    names.add(name);
    if (resourceClaimName !== undefined && resourceClaimTemplateName !== undefined) {
      const text = 'at most one of `resourceClaimName` or `resourceClaimTemplateName` may be specified';
      errors.push(invalidValue(where, shown('core.PodResourceClaim', claim), text));
    }
    if (resourceClaimName === undefined && resourceClaimTemplateName === undefined)
      errors.push(
        invalidValue(
          where,
          shown('core.PodResourceClaim', claim),
          'must specify one of: `resourceClaimName`, `resourceClaimTemplateName`',
        ),
      );
    for (const field of ['resourceClaimName', 'resourceClaimTemplateName'])
      if (claim[field] !== undefined)
        errors.push(...invalidAll(`${where}.${field}`, claim[field], subdomainName(claim[field])));
    return errors;
  });
}
