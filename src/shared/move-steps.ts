/** The steps in which a federation moves to another control plane, in their order; each can be repeated after an interruption. */
export const moveSteps = ['freeze', 'apply', 'handOver', 'verify', 'switch'] as const;
export type MoveStep = (typeof moveSteps)[number];
