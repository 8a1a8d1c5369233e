/** The scale subresource: one number of a workload behind a uniform shape. Source: API reference, autoscaling/v1 Scale. */
import { apiVersionOf, type KubeObject } from '#shared/kubernetes/types.ts';
import { FieldSet } from '../apply/field-set.ts';
import { readManagers, writeManagers } from '../apply/managed.ts';
import { inVersion } from '../core.ts';
import { cloneJson, isRecord } from '../json.ts';
import { invalidValue } from '../kinds/validation/field.ts';
import { decodeBody } from '../request/body.ts';
import { parseWriteOptions, type WriteOptions } from '../request/options.ts';
import { type ApiAnswer, jsonAnswer } from '../request/types.ts';
import { labelSelectorText } from '../selectors/structured.ts';
import { badRequest, invalid, methodNotAllowed, refuse, verbNotSupported } from '../status.ts';
import { customScaleColumns, scaleColumns, toTable } from '../table/index.ts';
import type { AdmissionRequest, KindDefinition } from '../types.ts';
import { storedIn } from '../versions.ts';
import { admitted, after, mutate, validate } from './admit.ts';
import type { VerbContext } from './context.ts';
import { patchFunction } from './patch.ts';
import { readObject } from './read.ts';
import { changeObject } from './update.ts';

const SCALE = { group: 'autoscaling', version: 'v1', kind: 'Scale' };

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
  const options = parseWriteOptions(
    route.verb === 'update' ? 'UpdateOptions' : 'PatchOptions',
    request.query,
    request.headers['user-agent'],
  );
  const sent = route.verb === 'update' ? decodeBody(request, 'Scale').value : null;
  const compute = route.verb === 'patch' ? patchFunction(scaleKind(kind), request) : null;
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
      const wanted = wantedScale(route.name, compute === null ? sent : compute(before), before);
      const admission = admissionOf(context, options, wanted, before);
      return after(mutate(context.core, admission), () => {
        const object = scaled(kind, old, wanted, route.name, options.fieldManager);
        return after(validate(context.core, admission), () => object);
      });
    },
  });
  return present(context, scaleOf(kind, inVersion(kind, stored.object)));
}

/** Admission sees the scale, not the workload behind it. */
function admissionOf(
  { kind, route, user, warnings, annotations }: VerbContext,
  { dryRun, fieldManager }: Pick<WriteOptions, 'dryRun' | 'fieldManager'>,
  object: KubeObject,
  old: KubeObject,
): AdmissionRequest {
  const { namespace, name } = route;
  const notes = { warnings, annotations };
  const target = { operation: 'UPDATE' as const, kind, subresource: 'scale', objectKind: SCALE, namespace, name };
  return { ...target, object, old, user, dryRun, fieldManager, notes };
}

function present(context: VerbContext, object: KubeObject): ApiAnswer {
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
  return { ...kind, group: 'autoscaling', version: 'v1', kind: 'Scale', resource: 'scale', schema: undefined };
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

function scaled(kind: KindDefinition, old: KubeObject, wanted: KubeObject, name: string, scaler: string): KubeObject {
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
  if (at(old, kind.scale!.specReplicasPath) !== replicas) passOn(kind, object, scaler);
  set(object, kind.scale!.specReplicasPath, replicas);
  return object;
}

/** The number of replicas passes from who declared it to who scaled; what nobody owned stays that way. */
function passOn(kind: KindDefinition, object: KubeObject, scaler: string): void {
  const managers = readManagers(object.metadata.managedFields) ?? [];
  const replicas = new FieldSet();
  replicas.insert(segments(kind.scale!.specReplicasPath).map((segment) => `f:${segment}`));
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
