/** What fleets and federations know of each other; the composition root connects the two. */
import type { Fleet } from '#shared/contract/fleets.ts';

/** Asked by the fleets service; answered by the federations service. */
export interface FederationMembership {
  /** The fleet's clusters changed: members join or leave the federation accordingly. Resolves when it is recorded, not when joined. */
  fleetChanged(federationId: string, clusterIds: string[]): Promise<void>;
}

/** Asked by the federations and clusters services; answered by the fleets service. */
export interface FleetDirectory {
  get(id: string): Fleet | undefined;
  fleetOfCluster(clusterId: string): Fleet | undefined;
  /** Refused (AppError REFUSED) when the fleet belongs to another federation. */
  setFederation(fleetId: string, federationId: string | null): Fleet;
}
