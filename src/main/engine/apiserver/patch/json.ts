/** JSON patch. Source: RFC 6902; refusals as the real server words them. */
import jsonpatch, { type Operation } from 'fast-json-patch';
import { cloneJson, isRecord } from '../json.ts';
import { badRequest, refuse } from '../status.ts';

/** More operations than this are refused before any is applied. Source: apiserver, maxJSONPatchOperations. */
const MAX_OPERATIONS = 10_000;

export function jsonPatch(target: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch))
    throw badRequest(
      `error decoding patch: json: cannot unmarshal ${isRecord(patch) ? 'object' : typeof patch} into Go value of type []handlers.jsonPatchOp`,
    );
  if (patch.length > MAX_OPERATIONS)
    throw refuse(
      413,
      'RequestEntityTooLarge',
      `Request entity too large: The allowed maximum operations in a JSON patch is ${MAX_OPERATIONS}, got ${patch.length}`,
    );
  try {
    // Mutates its own copy only; "true" makes missing paths and unknown operations errors instead of surprises.
    return jsonpatch.applyPatch(cloneJson(target), cloneJson(patch) as Operation[], true, true, true).newDocument;
  } catch {
    throw refuse(422, 'Invalid', 'the server rejected our request due to an error in our request', {});
  }
}
