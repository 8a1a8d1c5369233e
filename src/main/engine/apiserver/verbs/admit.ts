/**
 * Runs the admission plugins of the server: all that mutate, later all that validate. Null when every plugin was done at
 * once: waiting for what is no promise would let other writes in between for nothing.
 */
import type { Core } from '../core.ts';
import type { AdmissionNotes, AdmissionPlugin, AdmissionRequest, KindDefinition } from '../types.ts';

/** For writes nobody waits to be told about. */
export function newNotes(): AdmissionNotes {
  return { warnings: [], annotations: {} };
}

export function mutate(core: Core, request: AdmissionRequest): Promise<void> | null {
  return run(core.admission, 'mutate', request, 0);
}

/** Whether a plugin may change what such a write stores. */
export function mayMutate(
  core: Core,
  kind: KindDefinition,
  operation: AdmissionRequest['operation'],
  subresource: string,
): boolean {
  return core.admission.some((plugin) => plugin.mutate !== undefined && plugin.matches(kind, operation, subresource));
}

/** Whether the object has to be brought into its stored form again: defaults were added, or a plugin may have changed it. */
export function isUnsettled(core: Core, { kind, operation, subresource }: AdmissionRequest): boolean {
  return kind.addsDefaults !== false || mayMutate(core, kind, operation, subresource);
}

export function validate(core: Core, request: AdmissionRequest): Promise<void> | null {
  return run(core.admission, 'validate', request, 0);
}

/** For a write whose object is none that is stored. What it does afterwards is done through `admitted`. */
export async function admit(core: Core, request: AdmissionRequest): Promise<void> {
  await mutate(core, request);
  await validate(core, request);
}

/** The server for writes that have been admitted in another shape: a binding of its pod, a scale of its workload. */
export function admitted(core: Core): Core {
  return { ...core, admission: [] };
}

/** Goes on at once when there is nothing to wait for. */
export function after<T>(step: Promise<void> | null, next: () => T | Promise<T>): T | Promise<T> {
  return step === null ? next() : step.then(next);
}

/** Between this and the write nothing may wait. */
export function commit(core: Core, request: AdmissionRequest): void {
  for (const plugin of core.admission)
    if (plugin.commit !== undefined && plugin.matches(request.kind, request.operation, request.subresource))
      plugin.commit(request);
}

function run(
  plugins: readonly AdmissionPlugin[],
  step: 'mutate' | 'validate',
  request: AdmissionRequest,
  from: number,
): Promise<void> | null {
  for (let i = from; i < plugins.length; i++) {
    const plugin = plugins[i]!;
    if (plugin[step] === undefined || !plugin.matches(request.kind, request.operation, request.subresource)) continue;
    const outcome = plugin[step](request);
    if (outcome instanceof Promise) return outcome.then(() => run(plugins, step, request, i + 1) ?? undefined);
  }
  return null;
}
