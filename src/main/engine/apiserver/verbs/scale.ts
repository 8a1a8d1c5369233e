/** The scale subresource: one number of a workload behind a uniform shape. Source: API reference, autoscaling/v1 Scale. */
import { apiVersionOf, type KubeObject } from '#shared/kubernetes/types.ts';
import { applied, configurationOf } from '../apply/apply.ts';
import { FieldSet } from '../apply/field-set.ts';
import { findManager, type Manager, readManagers, writeManagers } from '../apply/managed.ts';
import { inVersion } from '../core.ts';
import { cloneJson, isRecord } from '../json.ts';
import { invalidValue } from '../kinds/validation/field.ts';
import { canonicalise } from '../openapi/typed.ts';
import { mediaTypeOf, objectOf } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { type ApiAnswer, type ApiRequest, jsonAnswer } from '../request/types.ts';
import { labelSelectorText } from '../selectors/structured.ts';
import { badRequest, invalid, methodNotAllowed, refuse, verbNotSupported } from '../status.ts';
import { customScaleColumns, scaleColumns, toTable } from '../table/index.ts';
import type { AdmissionRequest, KindDefinition } from '../types.ts';
import { storedIn } from '../versions.ts';
import { admitted, after, mutate, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { checkFields, readBody } from './fields.ts';
import { APPLY_PATCH, inPatch, patchFunction } from './patch.ts';
import { readObject } from './read.ts';
import { changeObject } from './update.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };
const SCALE_VERSION = 'autoscaling/v1';
const SCALE_BODY: KindDefinition = {
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

export async function scale(context: VerbContext): Promise<ApiAnswer> {
  const { kind, route, request } = context;
  if (route.verb === 'get') {
    const { object } = await storedIn(context.core.store, kind, readObject(context).stored);
    const found = scaleOf(kind, inVersion(kind, object));
    if (kind.custom !== undefined && found.spec.replicas === undefined) {
      const text = `the spec replicas field ${JSON.stringify(kind.scale!.specReplicasPath)} does not exist`;
      throw refuse(500, 'InternalError', `Internal error occurred: ${text}`, { causes: [{ message: text }] });
    }
    return present(context, found);
  }
  if (route.verb !== 'update' && route.verb !== 'patch')
    throw kind.custom ? verbNotSupported(kind, route.verb) : methodNotAllowed();
  const isApply = route.verb === 'patch' && mediaTypeOf(request) === APPLY_PATCH;
  const options = parseWriteOptions(
    route.verb === 'update' ? 'UpdateOptions' : 'PatchOptions',
    request.query,
    request.headers['user-agent'],
    isApply,
  );
  const sent = route.verb === 'update' ? readBody(context, SCALE_BODY, options) : null;
  const config = isApply ? configurationOf(scaleKind(kind), request) : null;
  const compute = route.verb === 'patch' && !isApply ? patchFunction(scaleKind(kind), request) : null;
  let warnings: string[] = [];
  const place = context.warnings.length;
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
      const before = scaleOf(kind, old);
      const own = config === null ? null : applied(scaleKind(kind), owned(kind, old, before), config, options, 'scale');
      warnings = [];
      const patched = compute === null ? sent : readPatched(compute(before), before, request, options, warnings);
      const wanted = wantedScale(route.name, own ?? patched, before);
      const admission = admissionOf(context, options, wanted, before);
      return after(mutate(context.core, admission), () => {
        const object = scaled(kind, old, wanted, route.name, own === null ? options.fieldManager : null);
        if (own !== null) takeOver(kind, object, readManagers(own.metadata.managedFields) ?? []);
        return after(validate(context.core, admission), () => object);
      });
    },
  }).finally(() => context.warnings.splice(place, 0, ...warnings));
  return present(context, scaleOf(kind, inVersion(kind, stored.object)));
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
    const object = objectOf({ value, text: null }, SCALE_BODY);
    checkFields(SCALE_BODY, object, { value: object, text: null }, options.fieldValidation, warnings, before);
    canonicalise(SCALE_BODY.schema, object);
    // None is a number to whoever judges the change.
    return { ...object, spec: { replicas: 0, ...object.spec } };
  } catch (error) {
    throw inPatch(error, SCALE_BODY, request, value);
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

function present(context: VerbContext, scale: KubeObject): ApiAnswer {
  // None are left out, as the field says.
  const object = scale.spec?.replicas === 0 ? { ...scale, spec: {} } : scale;
  if (context.accept.view !== 'table') return jsonAnswer(object);
  const meta = { resourceVersion: object.metadata.resourceVersion ?? '' };
  return jsonAnswer(
    toTable({ columns: context.kind.custom ? customScaleColumns : scaleColumns }, [object], meta, {
      includeObject: context.include,
      now: Date.now(),
    }),
  );
}

/** Strategic patches need a kind to look merge keys up in; a Scale has none. */
function scaleKind(kind: KindDefinition): KindDefinition {
  return { ...kind, ...SCALE, resource: 'scale', schema: undefined, custom: kind.custom };
}

function scaleOf(kind: KindDefinition, object: KubeObject): KubeObject {
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = kind.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const replicas = at(object, specReplicasPath);
  // Built-in workloads say in their spec which pods are theirs, custom resources wherever their definition says.
  const selector = labelSelectorText(
    kind.custom === undefined
      ? object.spec?.selector
      : labelSelectorPath === undefined
        ? ''
        : at(object, labelSelectorPath),
  );
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    spec: replicas === undefined ? {} : { replicas },
    status: { replicas: at(object, statusReplicasPath) ?? 0, ...(selector === '' ? {} : { selector }) },
  };
}

/** What was sent as a whole Scale. */
function wantedScale(asked: string, sent: unknown, before: KubeObject): KubeObject {
  if (!isRecord(sent)) throw badRequest('Scale has to be an object');
  const metadata = isRecord(sent.metadata) ? sent.metadata : {};
  if (typeof metadata.name === 'string' && metadata.name !== '' && metadata.name !== asked)
    throw badRequest(`the name of the object (${metadata.name}) does not match the name on the URL (${asked})`);
  const { name, namespace } = before.metadata;
  return { ...sent, kind: before.kind, apiVersion: before.apiVersion, metadata: { ...metadata, name, namespace } };
}

/** `scaler` takes the number over; null: somebody else sees to that. */
function scaled(
  kind: KindDefinition,
  old: KubeObject,
  wanted: KubeObject,
  name: string,
  scaler: string | null,
): KubeObject {
  const spec = isRecord(wanted.spec) ? wanted.spec : {};
  const replicas = spec.replicas ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest(
      `Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal ${typeof replicas} into Go struct field ScaleSpec.spec.replicas of type int32`,
    );
  if (replicas < 0 && kind.custom !== undefined)
    throw invalid(kind, name, [
      invalidValue(kind.scale!.specReplicasPath, replicas, 'should be a non-negative integer'),
    ]);
  if (replicas < 0)
    throw invalid(SCALE, name, [
      {
        type: 'FieldValueInvalid',
        field: 'spec.replicas',
        message: `Invalid value: ${replicas}: must be greater than or equal to 0`,
      },
    ]);
  const object = cloneJson(old);
  const { resourceVersion } = wanted.metadata;
  object.metadata.resourceVersion = typeof resourceVersion === 'string' ? resourceVersion : '';
  if (scaler !== null && at(old, kind.scale!.specReplicasPath) !== replicas) passOn(kind, object, scaler);
  set(object, kind.scale!.specReplicasPath, replicas);
  return object;
}

/** The number of replicas passes from who declared it to who scaled; what nobody owned stays that way. */
function passOn(kind: KindDefinition, object: KubeObject, scaler: string): void {
  const managers = readManagers(object.metadata.managedFields) ?? [];
  const replicas = replicasAt(kind.scale!.specReplicasPath);
  let owned = false;
  for (const manager of managers) {
    if (manager.fields.intersection(replicas).empty) continue;
    owned = true;
    manager.fields = manager.fields.difference(replicas);
  }
  if (!owned) return;
  const identity = { operation: 'Update' as const, apiVersion: apiVersionOf(kind), subresource: 'scale' };
  writeManagers(object, [...managers, { manager: scaler, ...identity, time: undefined, fields: replicas }]);
}

function replicasAt(path: string): FieldSet {
  const set = new FieldSet();
  set.insert(segments(path).map((segment) => `f:${segment}`));
  return set;
}

/** A scale with the managers of the workload that own its number, as it names it. */
function owned(kind: KindDefinition, workload: KubeObject, scale: KubeObject): KubeObject {
  const replicas = replicasAt(kind.scale!.specReplicasPath);
  const managers = (readManagers(workload.metadata.managedFields) ?? [])
    .filter(({ fields }) => !fields.intersection(replicas).empty)
    .map((manager) => ({ ...manager, apiVersion: SCALE_VERSION, fields: replicasAt('.spec.replicas') }));
  const object = { ...scale, metadata: { ...scale.metadata } };
  writeManagers(object, managers);
  return object;
}

/** The managers of a scale go back to the workload: who is among them keeps its number or gets it, the others lose it. */
function takeOver(kind: KindDefinition, workload: KubeObject, scalers: readonly Manager[]): void {
  const replicas = replicasAt(kind.scale!.specReplicasPath);
  const inScale = replicasAt('.spec.replicas');
  const owners = scalers.filter(({ fields }) => !fields.intersection(inScale).empty);
  const known = new Set<Manager>();
  const managers = (readManagers(workload.metadata.managedFields) ?? []).map((manager) => {
    if (manager.fields.intersection(replicas).empty) return manager;
    const same = findManager(owners, { ...manager, apiVersion: SCALE_VERSION });
    if (same === undefined) return { ...manager, fields: manager.fields.difference(replicas) };
    known.add(same);
    return manager;
  });
  const added = owners
    .filter((each) => !known.has(each))
    .map((each) => ({ ...each, apiVersion: apiVersionOf(kind), fields: replicas }));
  writeManagers(workload, [...managers, ...added]);
}

function segments(path: string): string[] {
  return path.split('.').filter((segment) => segment !== '');
}

function at(object: unknown, path: string): unknown {
  let value: unknown = object;
  for (const segment of segments(path)) value = isRecord(value) ? value[segment] : undefined;
  return value;
}

function set(object: Record<string, unknown>, path: string, value: unknown): void {
  const names = segments(path);
  let parent = object;
  for (const name of names.slice(0, -1)) {
    if (!isRecord(parent[name])) parent[name] = {};
    parent = parent[name] as Record<string, unknown>;
  }
  parent[names.at(-1)!] = value;
}
