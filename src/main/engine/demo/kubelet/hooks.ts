/** Lifecycle hooks of containers, as far as their commands say how they end. Pure. Source: kubelet's handler runner. */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { missingProgram, readCommand } from './behaviour.ts';

/** Exit code of a hook's command, and how long it takes: a program whose name says that it is not there is not there. */
function ending(hook: Json): { exitCode: number; runsFor: number; command: string } | null {
  const parts: string[] | undefined = hook?.exec?.command;
  if (parts === undefined)
    return hook?.sleep === undefined ? null : { exitCode: 0, runsFor: hook.sleep.seconds ?? 0, command: '' };
  const command = parts.join(' ');
  if (missingProgram(hook.exec) !== null) return { exitCode: 126, runsFor: 0, command };
  const read = readCommand(command);
  return {
    exitCode: read?.exitCode ?? 0,
    runsFor: read === null || !Number.isFinite(read.runsFor) ? 0 : read.runsFor,
    command,
  };
}

/** Why the container's postStart hook fails, or null. */
export function startHookFailure(container: Json): string | null {
  const end = ending(container?.lifecycle?.postStart);
  return end === null || end.exitCode === 0 ? null : 'PostStartHook failed';
}

export function failingStopHooks(pod: KubeObject): { name: string; message: string }[] {
  return (pod.spec?.containers ?? []).flatMap((container: Json) => {
    const end = ending(container?.lifecycle?.preStop);
    return end === null || end.exitCode === 0 ? [] : [{ name: container.name, message: 'PreStopHook failed' }];
  });
}

/** How long the hooks before the end take; they run side by side, within the grace period. */
export function stopHookMs(pod: KubeObject): number {
  return Math.max(
    0,
    ...(pod.spec?.containers ?? []).map(
      (container: Json) => (ending(container?.lifecycle?.preStop)?.runsFor ?? 0) * 1000,
    ),
  );
}
