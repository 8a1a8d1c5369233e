/**
 * Rules of containers by their exit codes, and what one of them does: the end of a container starts its whole pod over,
 * where it is. Pure. Source: kubelet's ShouldAllContainersRestart and getContainersToReset (1.36).
 */
import type { Json, KubeObject } from '#shared/kubernetes/types.ts';
import { type ContainerRun, NEVER, type PodRun, type RunEvent } from './run-state.ts';

/** The minor version of kubelets that follow `RestartAllContainers`. */
export const STARTS_OVER_SINCE = 36;
const ACTION = 'RestartAllContainers';
const REMOVED = {
  reason: 'RestartingAllContainers',
  message: 'The container is removed because RestartAllContainers in place',
};

/** What the first rule that speaks of that exit code has done. */
export function ruleFor({ restartPolicyRules }: Json, exitCode: number): string | undefined {
  return ((restartPolicyRules ?? []) as Json[]).find(({ exitCodes }) => {
    const named = (exitCodes?.values ?? []).includes(exitCode);
    return exitCodes !== undefined && (exitCodes.operator === 'NotIn' ? !named : named);
  })?.action;
}

/** Whether some end of a container could start the pod over. */
export function couldStartOver({ spec }: KubeObject): boolean {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].some(({ restartPolicyRules }: Json) =>
    (restartPolicyRules ?? []).some(({ action }: Json) => action === ACTION),
  );
}

/** The container has ended, and with that its pod starts over. */
export function startsOver({ step, role, spec, terminated }: ContainerRun, minor: number): boolean {
  if (minor < STARTS_OVER_SINCE || step !== 'exited' || role === 'ephemeral' || terminated === null) return false;
  return ruleFor(spec, terminated.exitCode) === ACTION;
}

/** All containers are taken away, those that run without a grace, and begin again in their order; nobody backs off. */
export function startOver(run: PodRun): RunEvent[] {
  const events: RunEvent[] = [];
  for (const container of run.containers) {
    const { role, step, spec } = container;
    if (role === 'ephemeral') continue;
    const runs = step === 'running' || step === 'hooked';
    if (runs) events.push({ type: 'Normal', reason: 'Killing', message: 'killing', container: spec.name, role });
    if (runs || container.terminated !== null) {
      container.restarts += 1;
      // When it began and ended is not known of what is not there any more.
      container.last = { ...REMOVED, exitCode: 137, startedAt: Number.NaN, finishedAt: Number.NaN, containerId: '' };
      container.waiting = REMOVED;
    }
    Object.assign(container, {
      step: 'idle',
      due: NEVER,
      terminated: null,
      ending: null,
      exitAt: NEVER,
      readyAt: NEVER,
      started: false,
      startHook: null,
      probes: {},
      crashes: 0,
    } satisfies Partial<ContainerRun>);
  }
  return events;
}
