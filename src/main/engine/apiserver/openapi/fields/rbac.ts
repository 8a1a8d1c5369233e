/** Fields of the types of rbac.authorization.k8s.io/v1. The notation is explained in ../fields.ts. */

export const rbac = `
PolicyRule|verbs 1 []string ! l=:atomic|apiGroups 2 []string ? l=:atomic|resources 3 []string ? l=:atomic|resourceNames 4 []string ? l=:atomic|nonResourceURLs 5 []string ? l=:atomic
Subject~|kind 1 string !|apiGroup 2 string ?|name 3 string !|namespace 4 string ?
RoleRef~|apiGroup 1 string|kind 2 string !|name 3 string !
@Role|metadata 1 meta.ObjectMeta ?|rules 2 []PolicyRule l=:atomic
@RoleBinding|metadata 1 meta.ObjectMeta ?|subjects 2 []Subject ? l=:atomic|roleRef 3 RoleRef !
@ClusterRole|metadata 1 meta.ObjectMeta ?|rules 2 []PolicyRule l=:atomic|aggregationRule 3 *AggregationRule ?
AggregationRule|clusterRoleSelectors 1 []meta.LabelSelector ? l=:atomic
@ClusterRoleBinding|metadata 1 meta.ObjectMeta ?|subjects 2 []Subject ? l=:atomic|roleRef 3 RoleRef !
`;
