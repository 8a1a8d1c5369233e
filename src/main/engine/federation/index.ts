/** Public face of the federation area. */
export { createFederations, type Federations } from './service/federations.ts';
export type { FederationRecord, FederationRepository, FederationsDeps } from './types.ts';
