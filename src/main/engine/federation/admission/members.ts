/**
 * Members come and go with the fleet. A Cluster that `karmadactl join` makes would have nothing behind it here, since the
 * engine reaches members through their registration and not through Secrets; one that `karmadactl unjoin` deletes would
 * be made again at once, its workloads having been moved away in between.
 */
import { type AdmissionPlugin, forbidden } from '../../apiserver/index.ts';

const TOKEN = 'bootstrap.kubernetes.io/token';

/** @param members names of the clusters that the fleet wants; null while it is not known */
export function fleetMembersOnly(members: () => ReadonlySet<string> | null): AdmissionPlugin {
  return {
    name: 'FleetMembersOnly',
    matches: ({ group, resource }, operation, subresource) =>
      group === 'cluster.karmada.io' &&
      resource === 'clusters' &&
      subresource === '' &&
      (operation === 'CREATE' || operation === 'DELETE'),
    validate({ kind, operation, name }) {
      const wanted = members();
      if (wanted === null || (operation === 'CREATE') === wanted.has(name)) return;
      const text =
        operation === 'CREATE'
          ? 'members are the clusters of the fleet: register the cluster in Fleetdeck and add it to the fleet'
          : 'it belongs to the fleet of this federation: take it out of the fleet in Fleetdeck, and it leaves';
      throw forbidden(kind, name, text);
    },
  };
}

/**
 * What `karmadactl token create` makes for `karmadactl register`: an agent that pulls would find nobody to answer it. Said
 * in a warning, since the command tries for more than a minute what is refused, and then does not say why.
 */
export const bootstrapTokens: AdmissionPlugin = {
  name: 'BootstrapTokens',
  matches: ({ group, resource }, operation, subresource) =>
    group === '' && resource === 'secrets' && subresource === '' && operation === 'CREATE',
  validate({ namespace, object, notes }) {
    if (namespace === 'kube-system' && object?.type === TOKEN)
      notes.warnings.push('clusters cannot register themselves here (pull mode): add them to the fleet in Fleetdeck');
  },
};
