/** The scale subresource: one number of a workload behind a uniform shape. Source: API reference, autoscaling/v1 Scale. */
import { ApiError } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { applied, checkTyped, configurationOf, identify } from '../apply/apply.ts';
import { readManagers, recordUpdate, writeManagers } from '../apply/managed.ts';
import { inVersion } from '../core.ts';
import { integerAt, MisfitAtPath, putAt, textAt } from '../crd/scale-fields.ts';
import { cloneJson, equalJson } from '../json.ts';
import { invalidValue } from '../kinds/validation/field.ts';
import { subdomainName, validateMeta } from '../kinds/validation/meta.ts';
import { canonicalise } from '../openapi/typed.ts';
import { mediaTypeOf, objectOf } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { presentObject } from '../request/present.ts';
import type { ApiAnswer, ApiRequest } from '../request/types.ts';
import { labelSelectorText } from '../selectors/structured.ts';
import { badRequest, internal, invalid, methodNotAllowed, refuse, verbNotSupported } from '../status.ts';
import { customScaleColumns, scaleColumns } from '../table/index.ts';
import type { AdmissionRequest, KindDefinition } from '../types.ts';
import { storedIn } from '../versions.ts';
import { admitted, after, mutate, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { checkFields, readBody } from './fields.ts';
import { APPLY_PATCH, inPatch, named, patchedBody, patchFunction, refusePatchType } from './patch.ts';
import { checkGet, readObject } from './read.ts';
import { SCALE_VERSION, toScale, toWorkload } from './scale-managers.ts';
import { changeObject, checkPlace } from './update.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const SCALE_KIND: KindDefinition = {
  ...SCALE,
  resource: 'scale',
  listKind: '',
  singular: '',
  namespaced: true,
  verbs: ['update'],
  shortNames: [],
  categories: [],
  subresources: [],
  generation: 'none',
  hasStatus: true,
  schema: 'io.k8s.api.autoscaling.v1.Scale',
};
/** What the number of a custom resource that has none is to its patches: a patch that leaves it there has given none. */
const UNSET = -(2 ** 31);

export async function scale(context: VerbContext): Promise<ApiAnswer> {
  const { kind, route } = context;
  if (route.verb === 'get') return read(context);
  if (route.verb !== 'update' && route.verb !== 'patch')
    throw kind.custom ? verbNotSupported(kind, route.verb) : methodNotAllowed();
  const { options, draft, replacing } = writeOf(context);
  const place = context.warnings.length;
  let warnings: string[] = [];
  const stored = await changeObject({
    core: admitted(context.core),
    kind,
    namespace: route.namespace,
    name: route.name,
    subresource: 'scale',
    user: context.user,
    options,
    notes: context,
    recordManager: false,
    next: (old) => {
      const { scale: before, isSet } = fitting(() => scaleOf(kind, old));
      if (!isSet) before.spec = { replicas: UNSET };
      const managers = readManagers(old.metadata.managedFields) ?? [];
      writeManagers(before, toScale(kind, managers));
      warnings = [];
      const wanted = draft(before, warnings);
      const admission = admissionOf(context, options, wanted, before);
      return after(mutate(context.core, admission), () => {
        const object = scaled(kind, old, wanted);
        writeManagers(object, toWorkload(kind, managers, readManagers(wanted.metadata.managedFields) ?? []));
        if (replacing) object.metadata.uid = wanted.metadata.uid;
        // Judged is the scale of what is to be stored.
        const judged = {
          ...admission,
          object: scaleOf(kind, inPlaceOf(object, old)).scale,
          old: scaleOf(kind, old).scale,
        };
        return after(validate(context.core, judged), () => object);
      });
    },
  }).finally(() => context.warnings.splice(place, 0, ...warnings));
  return present(context, scaleOf(kind, inVersion(kind, stored.object)).scale);
}

async function read(context: VerbContext): Promise<ApiAnswer> {
  const { kind, core } = context;
  checkGet(context);
  const { object } = await storedIn(core.store, kind, readObject(context).stored);
  const { scale, isSet } = fitting(() => scaleOf(kind, inVersion(kind, object)));
  if (!isSet)
    throw internalCause(`the spec replicas field ${JSON.stringify(kind.scale!.specReplicasPath)} does not exist`);
  return present(context, scale);
}

const internalCause = (text: string) =>
  refuse(500, 'InternalError', `Internal error occurred: ${text}`, { causes: [{ message: text }] });

/** What a write of the scale asks for, read as far as that goes before the workload is looked at. */
interface ScaleWrite {
  options: WriteOptions;
  /** Whether a whole scale was sent: its uid is then one that has to be met. */
  replacing: boolean;
  draft(before: KubeObject, warnings: string[]): KubeObject;
}

function writeOf(context: VerbContext): ScaleWrite {
  const { kind, route, request } = context;
  const agent = request.headers['user-agent'];
  if (route.verb === 'update') {
    const options = parseWriteOptions('UpdateOptions', request.query, agent);
    const sent = readScale(context, options);
    checkPlace(sent, route);
    const draft: ScaleWrite['draft'] = (before) => {
      const wanted = inPlace(cloneJson(sent), before);
      recordUpdate(SCALE_KIND, before, wanted, options.fieldManager, 'scale');
      return wanted;
    };
    return { options, draft, replacing: true };
  }
  const isApply = mediaTypeOf(request) === APPLY_PATCH;
  if (!isApply) refusePatchType(kind, request);
  const options = parseWriteOptions('PatchOptions', request.query, agent, isApply);
  context.patched?.();
  if (isApply) return { options, draft: (before) => applyTo(context, before, options), replacing: false };
  const draft: ScaleWrite['draft'] = (before, warnings) => {
    const value = named(patchFunction(SCALE_KIND, request)(before), SCALE_KIND, request);
    const wanted = readPatched(value, before, request, options, warnings);
    checkPlace(wanted, route);
    recordUpdate(SCALE_KIND, before, wanted, options.fieldManager, 'scale');
    return wanted;
  };
  return { options, draft, replacing: false };
}

function applyTo({ kind, request, route }: VerbContext, before: KubeObject, options: WriteOptions): KubeObject {
  const config = configurationOf(SCALE_KIND, request);
  // What serves custom resources cannot convert a scale that has no type of its own, neither an empty one to find out who
  // owns what nor the one that an apply makes.
  const isCustom = kind.custom !== undefined;
  const unconverted = (what: string) =>
    internal(
      `failed to ${what} to proper version: request to convert CR to an invalid group/version: ${SCALE_VERSION}`,
    );
  if (isCustom && before.metadata.managedFields === undefined)
    throw unconverted(
      `create manager for existing fields: failed to convert live object (/; ${SCALE_VERSION}, Kind=Scale)`,
    );
  checkTyped(SCALE_KIND, config);
  const next = applied(SCALE_KIND, before, config, options, 'scale');
  if (isCustom && !equalJson(unowned(next), unowned(before)))
    throw unconverted(`convert new object (${identify(SCALE_KIND, config)})`);
  checkPlace(next, route);
  return inPlace(next, before);
}

/** What an apply can change of a scale. */
function unowned({ metadata, ...rest }: KubeObject): unknown {
  const { resourceVersion: _revision, uid: _uid, managedFields: _managed, ...own } = metadata;
  return { ...rest, metadata: own };
}

function inPlace(scale: KubeObject, { metadata: { name, namespace } }: KubeObject): KubeObject {
  return { ...scale, metadata: { ...scale.metadata, name, namespace } };
}

/** With what a write leaves alone of the metadata. */
function inPlaceOf(object: KubeObject, { metadata: { uid, resourceVersion } }: KubeObject): KubeObject {
  return { ...object, metadata: { ...object.metadata, uid, resourceVersion } };
}

/** The scale that was sent. Where custom resources are served, what cannot be read is said to be of no kind at all. */
function readScale(context: VerbContext, options: WriteOptions): KubeObject {
  try {
    return readBody(context, SCALE_KIND, options);
  } catch (error) {
    if (context.kind.custom === undefined || !(error instanceof ApiError) || error.status !== 400) throw error;
    throw badRequest(
      'no kind is registered for the type v1.Scale in scheme "k8s.io/apiextensions-apiserver/pkg/apiserver/customresource_handler.go:781"',
    );
  }
}

/** What a patch makes of a scale, read as a scale. */
function readPatched(
  value: unknown,
  before: KubeObject,
  request: ApiRequest,
  options: Pick<WriteOptions, 'fieldValidation'>,
  warnings: string[],
): KubeObject {
  try {
    const object = objectOf({ value, text: null }, SCALE_KIND);
    const patched = patchedBody(value, before, SCALE_KIND, request);
    const body = { value: object, text: null };
    checkFields(SCALE_KIND, object, body, options.fieldValidation, warnings, before, patched);
    canonicalise(SCALE_KIND.schema, object);
    return object;
  } catch (error) {
    throw inPatch(error, SCALE_KIND, request, value, before);
  }
}

/** Admission sees the scale, not the workload behind it. */
function admissionOf(
  { kind, route, user, warnings, annotations }: VerbContext,
  { dryRun, asked }: Pick<WriteOptions, 'dryRun' | 'asked'>,
  object: KubeObject,
  old: KubeObject,
): AdmissionRequest {
  const { namespace, name } = route;
  const notes = { warnings, annotations };
  const target = { operation: 'UPDATE' as const, kind, subresource: 'scale', objectKind: SCALE, namespace, name };
  return { ...target, object, old, user, dryRun, options: asked, notes };
}

function present({ kind, accept, include }: VerbContext, scale: KubeObject): ApiAnswer {
  const columns = kind.custom ? customScaleColumns : scaleColumns;
  return presentObject({ ...SCALE_KIND, columns }, scale, accept, include);
}

/** The scale of a workload, its number left out where it is none. Throws MisfitAtPath for custom resources. */
function scaleOf(kind: KindDefinition, object: KubeObject): { scale: KubeObject; isSet: boolean } {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = kind.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const number = integerAt(object, specReplicasPath);
  const replicas = int32(number ?? 0);
  const seen = int32(integerAt(object, statusReplicasPath) ?? 0);
  // Built-in workloads say in their spec which pods are theirs, custom resources wherever their definition says.
  const selector =
    kind.custom === undefined
      ? labelSelectorText(object.spec?.selector)
      : labelSelectorPath === undefined
        ? ''
        : textAt(object, labelSelectorPath);
  const scale: KubeObject = {
    kind: 'Scale',
    apiVersion: SCALE_VERSION,
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: seen, ...(selector ? { selector } : {}) },
  };
  return { scale, isSet: number !== undefined };
}

/** Larger numbers run over. */
const int32 = (value: number): number => Number(BigInt.asIntN(32, BigInt(value)));

/** The workload with the number of its scale. Throws 400, 422 and 500. */
function scaled(kind: KindDefinition, old: KubeObject, wanted: KubeObject): KubeObject {
  const replicas: number = wanted.spec?.replicas ?? 0;
  const { specReplicasPath } = kind.scale!;
  if (kind.custom !== undefined && replicas === UNSET)
    throw badRequest(`the spec replicas field ${JSON.stringify(specReplicasPath)} cannot be empty`);
  if (kind.custom === undefined) {
    const errors = validateMeta(wanted, null, true, subdomainName);
    if (replicas < 0) errors.push(invalidValue('spec.replicas', replicas, 'must be greater than or equal to 0'));
    if (errors.length > 0) throw invalid(SCALE, wanted.metadata.name ?? '', errors);
  }
  const object = cloneJson(old);
  object.metadata.resourceVersion = wanted.metadata.resourceVersion ?? '';
  fitting(() => putAt(object, specReplicasPath, replicas));
  return object;
}

/** What is in the way of a number is a fault of the server's own. */
function fitting<T>(step: () => T): T {
  try {
    return step();
  } catch (error) {
    if (error instanceof MisfitAtPath) throw refuse(500, '', error.message);
    throw error;
  }
}
