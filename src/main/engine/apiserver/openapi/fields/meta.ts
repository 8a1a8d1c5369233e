/** Fields of the types of meta/v1 (metadata, selectors, options, conditions, discovery) and of what a server says of its version. The notation is explained in ../fields.ts. */

export const meta = `
TypeMeta|kind 1 string ?|apiVersion 2 string ?
ListMeta|selfLink 1 string ?|resourceVersion 2 string ?|continue 3 string ?|remainingItemCount 4 *int64 ?|shardInfo 5 *ShardInfo ?
ShardInfo|selector 1 string !
ObjectMeta|name 1 string ?|generateName 2 string ?|namespace 3 string ?|selfLink 4 string ?|uid 5 string ? t=types.UID|resourceVersion 6 string ?|generation 7 int64 ?|creationTimestamp 8 Time ? z|deletionTimestamp 9 *Time ?|deletionGracePeriodSeconds 10 *int64 ?|labels 11 map:string ?|annotations 12 map:string ?|ownerReferences 13 []OwnerReference ? m=uid l=uid|finalizers 14 []string ? m l=:set|managedFields 17 []ManagedFieldsEntry ? l=:atomic
OwnerReference~|apiVersion 5 string !|kind 1 string !|name 3 string !|uid 4 string ! t=types.UID|controller 6 *bool ?|blockOwnerDeletion 7 *bool ?
@ListOptions|labelSelector 1 string ?|fieldSelector 2 string ?|watch 3 bool ?|allowWatchBookmarks 9 bool ?|resourceVersion 4 string ?|resourceVersionMatch 10 string ? t=ResourceVersionMatch|timeoutSeconds 5 *int64 ?|limit 7 int64 ?|continue 8 string ?|sendInitialEvents 11 *bool ?|shardSelector 15 string ?
@GetOptions|resourceVersion 1 string ?
@DeleteOptions|gracePeriodSeconds 1 *int64 ?|preconditions 2 *Preconditions ?|orphanDependents 3 *bool ?|propagationPolicy 4 *string ? t=DeletionPropagation|dryRun 5 []string ? l=:atomic|ignoreStoreReadErrorWithClusterBreakingPotential 6 *bool ?
@CreateOptions|dryRun 1 []string ? l=:atomic|fieldManager 3 string ?|fieldValidation 4 string ?
@PatchOptions|dryRun 1 []string ? l=:atomic|force 2 *bool ?|fieldManager 3 string ?|fieldValidation 4 string ?
@ApplyOptions|dryRun 1 []string ? l=:atomic|force 2 bool !|fieldManager 3 string !
@UpdateOptions|dryRun 1 []string ? l=:atomic|fieldManager 2 string ?|fieldValidation 3 string ?
Preconditions|uid 1 *string ? t=types.UID|resourceVersion 2 *string ?
@Status|metadata 1 ListMeta ?|status 2 string ?|message 3 string ?|reason 4 string ? t=StatusReason|details 5 *StatusDetails ?|code 6 int32 ?
StatusDetails|name 1 string ?|group 2 string ?|kind 3 string ?|uid 6 string ? t=types.UID|causes 4 []StatusCause ? l=:atomic|retryAfterSeconds 5 int32 ?
StatusCause|reason 1 string ? t=CauseType|message 2 string ?|field 3 string ?
Patch|
WatchEvent|type 1 string !|object 2 RawExtension !
@APIVersions|versions 1 []string ! l=:atomic|serverAddressByClientCIDRs 2 []ServerAddressByClientCIDR ! l=:atomic
@APIGroupList|groups 1 []APIGroup ! l=:atomic
@APIGroup|name 1 string !|versions 2 []GroupVersionForDiscovery ! l=:atomic|preferredVersion 3 GroupVersionForDiscovery ?|serverAddressByClientCIDRs 4 []ServerAddressByClientCIDR ? l=:atomic
ServerAddressByClientCIDR|clientCIDR 1 string !|serverAddress 2 string !
GroupVersionForDiscovery|groupVersion 1 string !|version 2 string !
@APIResourceList|groupVersion 1 string !|resources 2 []APIResource ! l=:atomic
APIResource|name 1 string !|singularName 6 string !|namespaced 2 bool !|group 8 string ?|version 9 string ?|kind 3 string !|verbs 4 []string !|shortNames 5 []string ? l=:atomic|categories 7 []string ? l=:atomic|storageVersionHash 10 string ?
LabelSelector~|matchLabels 1 map:string ?|matchExpressions 2 []LabelSelectorRequirement ? l=:atomic
LabelSelectorRequirement|key 1 string !|operator 2 string ! t=LabelSelectorOperator|values 3 []string ? l=:atomic
FieldSelectorRequirement|key 1 string !|operator 2 string ! t=FieldSelectorOperator|values 3 []string ? l=:atomic
ManagedFieldsEntry|manager 1 string ?|operation 2 string ? t=ManagedFieldsOperationType|apiVersion 3 string ?|time 4 *Time ?|fieldsType 6 string ?|fieldsV1 7 *FieldsV1 ?|subresource 8 string ?
@PartialObjectMetadata|metadata 1 ObjectMeta ?
Condition|type 1 string !|status 2 string ! t=ConditionStatus|observedGeneration 3 int64 ?|lastTransitionTime 4 Time !|reason 5 string !|message 6 string !
`;

export const version = `
Info|major 1 string !|minor 2 string !|emulationMajor 3 string ?|emulationMinor 4 string ?|minCompatibilityMajor 5 string ?|minCompatibilityMinor 6 string ?|gitVersion 7 string !|gitCommit 8 string !|gitTreeState 9 string !|buildDate 10 string !|goVersion 11 string !|compiler 12 string !|platform 13 string !
`;
