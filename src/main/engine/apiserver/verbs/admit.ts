/** Runs the admission plugins of the server: all that mutate, later all that validate. */

import type { Core } from '../core.ts';
import type { AdmissionRequest } from '../types.ts';

export async function mutate(core: Core, request: AdmissionRequest): Promise<void> {
  for (const plugin of core.admission)
    if (plugin.mutate !== undefined && plugin.matches(request.kind, request.operation, request.subresource)) {
      const outcome = plugin.mutate(request);
      // Awaiting what is no promise would cost every write a turn and break up batches.
      if (outcome !== undefined) await outcome;
    }
}

export async function validate(core: Core, request: AdmissionRequest): Promise<void> {
  for (const plugin of core.admission)
    if (plugin.validate !== undefined && plugin.matches(request.kind, request.operation, request.subresource)) {
      const outcome = plugin.validate(request);
      if (outcome !== undefined) await outcome;
    }
}
