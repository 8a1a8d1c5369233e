/** Why a binding could not be scheduled, with Karmada's reasons and texts (condition `Scheduled`). */
export const QUOTA_EXCEEDED = 'QuotaExceeded';
export type ScheduleFailure = 'NoClusterFit' | 'Unschedulable' | 'SchedulerError' | typeof QUOTA_EXCEEDED;

export class ScheduleError extends Error {
  override readonly name = 'ScheduleError';
  readonly reason: ScheduleFailure;

  constructor(reason: ScheduleFailure, message: string) {
    super(message);
    this.reason = reason;
  }

  /** The same failure with the step that met it in front. */
  within(step: string): ScheduleError {
    return new ScheduleError(this.reason, `${step}: ${this.message}`);
  }
}

/** Puts the name of the step in front of any schedule error thrown inside it. */
export function inStep<T>(step: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof ScheduleError ? error.within(step) : error;
  }
}
