/** Fields of the types of storage.k8s.io/v1. The notation is explained in ../fields.ts. */

export const storage = `
@StorageClass|metadata 1 meta.ObjectMeta ?|provisioner 2 string !|parameters 3 map:string ?|reclaimPolicy 4 *string ? t=PersistentVolumeReclaimPolicy|mountOptions 5 []string ? l=:atomic|allowVolumeExpansion 6 *bool ?|volumeBindingMode 7 *string ? t=VolumeBindingMode|allowedTopologies 8 []core.TopologySelectorTerm ? l=:atomic
@VolumeAttachment|metadata 1 meta.ObjectMeta ?|spec 2 VolumeAttachmentSpec !|status 3 VolumeAttachmentStatus ?
VolumeAttachmentSpec|attacher 1 string !|source 2 VolumeAttachmentSource !|nodeName 3 string !
VolumeAttachmentSource|persistentVolumeName 1 *string ?|inlineVolumeSpec 2 *core.PersistentVolumeSpec ?
VolumeAttachmentStatus|attached 1 bool !|attachmentMetadata 2 map:string ?|attachError 3 *VolumeError ?|detachError 4 *VolumeError ?
VolumeError|time 1 Time ?|message 2 string ?|errorCode 3 *int32 ?
@CSIDriver|metadata 1 meta.ObjectMeta ?|spec 2 CSIDriverSpec !
CSIDriverSpec|attachRequired 1 *bool ?|podInfoOnMount 2 *bool ?|volumeLifecycleModes 3 []string ? l=:set t=VolumeLifecycleMode|storageCapacity 4 *bool ?|fsGroupPolicy 5 *string ? t=FSGroupPolicy|tokenRequests 6 []TokenRequest ? l=:atomic|requiresRepublish 7 *bool ?|seLinuxMount 8 *bool ?|nodeAllocatableUpdatePeriodSeconds 9 *int64 ?|serviceAccountTokenInSecrets 10 *bool ?|preventPodSchedulingIfMissing 11 *bool ?
TokenRequest|audience 1 string !|expirationSeconds 2 *int64 ?
@CSINode|metadata 1 meta.ObjectMeta ?|spec 2 CSINodeSpec !
CSINodeSpec|drivers 1 []CSINodeDriver ! m=name l=name
CSINodeDriver|name 1 string !|nodeID 2 string !|topologyKeys 3 []string l=:atomic|allocatable 4 *VolumeNodeResources ?
VolumeNodeResources|count 1 *int32 ?
@CSIStorageCapacity|metadata 1 meta.ObjectMeta ?|nodeTopology 2 *meta.LabelSelector ?|storageClassName 3 string !|capacity 4 *Quantity ?|maximumVolumeSize 5 *Quantity ?
@VolumeAttributesClass|metadata 1 meta.ObjectMeta ?|driverName 2 string !|parameters 3 map:string ?
`;
