/** Lifecycle hooks of containers, as far as their text says how they end. Pure. Source: kubelet's handler runner. */
import type { Json } from '#shared/kubernetes/types.ts';
import { missingProgram, readCommand } from './behaviour.ts';

/** Exit code and seconds of a hook: a program whose name says that it is not there is not there. */
export function hookEnding(hook: Json): { exitCode: number; runsFor: number } {
  const parts: string[] | undefined = hook?.exec?.command;
  if (parts === undefined) return { exitCode: 0, runsFor: hook?.sleep?.seconds ?? 0 };
  if (missingProgram(hook.exec) !== null) return { exitCode: 126, runsFor: 0 };
  const read = readCommand(parts.join(' '));
  return { exitCode: read?.exitCode ?? 0, runsFor: read?.runsFor ?? 0 };
}

/** Whether a hook runs before a container counts as started. */
export function hasStartHook(container: Json): boolean {
  return container?.lifecycle?.postStart !== undefined;
}
