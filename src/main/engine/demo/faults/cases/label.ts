/** On everything that was made for a case: its id. */
export const CASE_LABEL = 'demo.fleetdeck/case';
