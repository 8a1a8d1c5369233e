/** Fields of the types of policy/v1. The notation is explained in ../fields.ts. */

export const policy = `
PodDisruptionBudgetSpec|minAvailable 1 *IntOrString ?|selector 2 *meta.LabelSelector ? s|maxUnavailable 3 *IntOrString ?|unhealthyPodEvictionPolicy 4 *string ? t=UnhealthyPodEvictionPolicyType
PodDisruptionBudgetStatus|observedGeneration 1 int64 ?|disruptedPods 2 map:Time ?|disruptionsAllowed 3 int32|currentHealthy 4 int32|desiredHealthy 5 int32|expectedPods 6 int32|conditions 7 []meta.Condition ? m=type l=type
@PodDisruptionBudget|metadata 1 meta.ObjectMeta ?|spec 2 PodDisruptionBudgetSpec ?|status 3 PodDisruptionBudgetStatus ?
@Eviction|metadata 1 meta.ObjectMeta ?|deleteOptions 2 *meta.DeleteOptions ?
`;
