/** Bounds of what a person may set, shared by the contract and by the forms that check while one types. Pure. */

/** Seconds that a sign-in command (exec credential plugin) may take. A login in a browser may need minutes. */
export const EXEC_TIMEOUT_SECONDS = { min: 1, max: 600, default: 30 } as const;

/** Characters of a kubeconfig that is given as text: no real one is nearly as long. */
export const KUBECONFIG_TEXT_LIMIT = 4_000_000;

/** Supposed changes of a federation that are judged together at most. */
export const MOST_SUPPOSED = 1_000;
