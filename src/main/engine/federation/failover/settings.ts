/** What a control plane does when a member or a workload fails. */

export interface FailoverSettings {
  /**
   * Automatic take-over. Karmada calls this the feature gate Failover: on up to 1.11, off since. The manual promises it,
   * so it is on unless a person switches it off.
   */
  enabled: boolean;
  /** A member that is not ready for so long gets the NoExecute taint. Karmada's --failover-eviction-timeout, seconds. */
  evictionTimeoutSeconds: number;
  /** Tolerations of that taint that a policy without its own gets, seconds. Karmada's webhook up to 1.14. */
  tolerationSeconds: number;
  /** Workloads that are moved away per second, so that a lost region does not flood the others. 0 moves none. */
  evictionsPerSecond: number;
  /** A graceful eviction ends after so long even when the replacement is not complete, seconds. */
  gracefulTimeoutSeconds: number;
  /**
   * Never takes the last working copy away: an eviction ends only when the workload runs elsewhere, and is taken back
   * when the cluster recovers first. False is what Karmada does.
   */
  cautious: boolean;
}

export const DEFAULT_FAILOVER: FailoverSettings = {
  enabled: true,
  evictionTimeoutSeconds: 300,
  tolerationSeconds: 300,
  evictionsPerSecond: 0.5,
  gracefulTimeoutSeconds: 600,
  cautious: true,
};
