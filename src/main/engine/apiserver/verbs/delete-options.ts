/** What a deletion is asked for with. Source: API reference, "DeleteOptions"; meta/v1 ValidateDeleteOptions. */
import { ApiError } from '#engine/kube/index.ts';
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { isRecord, namesProblem } from '../json.ts';
import { canonicalValue } from '../openapi/typed.ts';
import { decodeBody } from '../request/body.ts';
import { checkInteger, parseDryRun } from '../request/options.ts';
import { isTrue } from '../request/route.ts';
import type { ApiRequest } from '../request/types.ts';
import { badRequest, invalid } from '../status.ts';
import type { FieldError } from '../types.ts';
import type { VerbContext } from './context.ts';

/** The version in which the real server writes them down. */
const INTERNAL = 'meta.k8s.io/__internal';

export interface DeleteOptions {
  dryRun: boolean;
  gracePeriodSeconds: number | null;
  /** Null: what the object's finalizers already say. */
  propagation: 'Background' | 'Foreground' | 'Orphan' | null;
  /** Without a policy dependents stay, unless the object says otherwise. */
  orphaning?: boolean;
  /** Preconditions; null: none. */
  uid: string | null;
  resourceVersion: string | null;
  /** As the caller gave them, for admission. */
  asked?: Record<string, unknown>;
}

export const PLAIN_DELETE: DeleteOptions = {
  dryRun: false,
  gracePeriodSeconds: null,
  propagation: null,
  uid: null,
  resourceVersion: null,
};

/** Of a body, or of the query where there is none. Throws 400 and 422. */
export function deleteOptionsOf(request: ApiRequest, heard: VerbContext['heard']): DeleteOptions {
  const sent = bodyOptions(request);
  // Options have no metadata, which is what everything else that is sent has.
  if (sent !== null) heard?.({ kind: 'DeleteOptions', apiVersion: INTERNAL, ...sent } as unknown as KubeObject);
  return judged(sent ?? queryOptions(request.query));
}

/** Options as they stand in an object. Throws 422. */
export function judged(asked: Record<string, unknown>): DeleteOptions {
  const { propagationPolicy: policy = null, orphanDependents: orphan = null, gracePeriodSeconds: grace } = asked;
  const errors: FieldError[] = [];
  if (policy !== null && orphan !== null)
    errors.push({
      type: 'FieldValueInvalid',
      field: 'propagationPolicy',
      message: `Invalid value: "${policy}": orphanDependents and deletionPropagation cannot be both set`,
    });
  if (policy !== null && !['Background', 'Foreground', 'Orphan'].includes(policy as string))
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'propagationPolicy',
      message: `Unsupported value: "${policy}": supported values: "Foreground", "Background", "Orphan", "nil"`,
    });
  const dryRun = parseDryRun(Array.isArray(asked.dryRun) ? asked.dryRun.map(String) : [], errors);
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: 'DeleteOptions' }, '', errors);
  const { uid, resourceVersion } = isRecord(asked.preconditions) ? asked.preconditions : {};
  const propagation = orphan === null ? policy : orphan === true ? 'Orphan' : 'Background';
  return {
    dryRun,
    gracePeriodSeconds: typeof grace === 'number' ? grace : null,
    propagation: propagation as DeleteOptions['propagation'],
    uid: typeof uid === 'string' ? uid : null,
    resourceVersion: typeof resourceVersion === 'string' ? resourceVersion : null,
    asked,
  };
}

function queryOptions(query: URLSearchParams): Record<string, unknown> {
  const asked: Record<string, unknown> = {};
  const grace = query.get('gracePeriodSeconds');
  if (grace !== null) checkInteger(grace);
  if (grace !== null) asked.gracePeriodSeconds = Number(grace);
  if (query.has('orphanDependents')) asked.orphanDependents = isTrue(query.get('orphanDependents'));
  if (query.has('propagationPolicy')) asked.propagationPolicy = query.get('propagationPolicy');
  if (query.has('dryRun')) asked.dryRun = query.getAll('dryRun');
  const preconditions = Object.fromEntries(
    (['uid', 'resourceVersion'] as const).flatMap((name) => (query.get(name) ? [[name, query.get(name)]] : [])),
  );
  if (Object.keys(preconditions).length > 0) asked.preconditions = preconditions;
  return asked;
}

/** Null: there is no body. */
function bodyOptions(request: ApiRequest): Record<string, unknown> | null {
  if (request.body === null || ('bytes' in request.body && request.body.bytes.length === 0)) return null;
  const value = decodedOptions(request);
  if (value === null || value === undefined) return {};
  const problem = namesProblem(value);
  if (!isRecord(value) || problem !== null) throw badRequest(`couldn't get version/kind; json parse error: ${problem}`);
  const given = typeof value.kind === 'string' ? value.kind : '';
  if (given !== '' && given !== 'DeleteOptions')
    throw badRequest(
      `no kind "${given}" is registered for version "${String(value.apiVersion || 'meta.k8s.io/v1')}" in scheme "pkg/api/legacyscheme/scheme.go:30"`,
    );
  const {
    kind: _kind,
    apiVersion: _version,
    ...asked
  } = canonicalValue('meta.DeleteOptions', value) as Record<string, unknown>;
  return asked;
}

/** Options that cannot be read are no object that is refused: their fault stands alone. */
function decodedOptions(request: ApiRequest): unknown {
  try {
    return decodeBody(request, 'DeleteOptions').value;
  } catch (error) {
    const fault =
      error instanceof ApiError
        ? (/(?<=\(must be of type DeleteOptions\): ).*(?= \()/s.exec(error.message) ??
          /(?<=cannot be handled as a DeleteOptions: ).*/s.exec(error.message))
        : null;
    throw fault === null ? error : badRequest(fault[0]);
  }
}
