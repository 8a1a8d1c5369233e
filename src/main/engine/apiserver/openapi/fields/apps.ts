/** Fields of the types of apps/v1. The notation is explained in ../fields.ts. */

export const apps = `
@StatefulSet|metadata 1 meta.ObjectMeta ?|spec 2 StatefulSetSpec ?|status 3 StatefulSetStatus ?
StatefulSetUpdateStrategy|type 1 string ? t=StatefulSetUpdateStrategyType|rollingUpdate 2 *RollingUpdateStatefulSetStrategy ?
RollingUpdateStatefulSetStrategy|partition 1 *int32 ?|maxUnavailable 2 *IntOrString ?
StatefulSetPersistentVolumeClaimRetentionPolicy|whenDeleted 1 string ? t=PersistentVolumeClaimRetentionPolicyType|whenScaled 2 string ? t=PersistentVolumeClaimRetentionPolicyType
StatefulSetOrdinals|start 1 int32
StatefulSetSpec|replicas 1 *int32 ?|selector 2 *meta.LabelSelector !|template 3 core.PodTemplateSpec !|volumeClaimTemplates 4 []core.PersistentVolumeClaim ? l=:atomic|serviceName 5 string|podManagementPolicy 6 string ? t=PodManagementPolicyType|updateStrategy 7 StatefulSetUpdateStrategy ?|revisionHistoryLimit 8 *int32 ?|minReadySeconds 9 int32 ?|persistentVolumeClaimRetentionPolicy 10 *StatefulSetPersistentVolumeClaimRetentionPolicy ?|ordinals 11 *StatefulSetOrdinals ?
StatefulSetStatus|observedGeneration 1 int64 ?|replicas 2 int32 !|readyReplicas 3 int32 ?|currentReplicas 4 int32 ?|updatedReplicas 5 int32 ?|currentRevision 6 string ?|updateRevision 7 string ?|collisionCount 9 *int32 ?|conditions 10 []StatefulSetCondition ? m=type l=type|availableReplicas 11 int32
StatefulSetCondition|type 1 string ! t=StatefulSetConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
@Deployment|metadata 1 meta.ObjectMeta ?|spec 2 DeploymentSpec ?|status 3 DeploymentStatus ?
DeploymentSpec|replicas 1 *int32 ?|selector 2 *meta.LabelSelector !|template 3 core.PodTemplateSpec !|strategy 4 DeploymentStrategy ? r|minReadySeconds 5 int32 ?|revisionHistoryLimit 6 *int32 ?|paused 7 bool ?|progressDeadlineSeconds 9 *int32 ?
DeploymentStrategy|type 1 string ? t=DeploymentStrategyType|rollingUpdate 2 *RollingUpdateDeployment ?
RollingUpdateDeployment|maxUnavailable 1 *IntOrString ?|maxSurge 2 *IntOrString ?
DeploymentStatus|observedGeneration 1 int64 ?|replicas 2 int32 ?|updatedReplicas 3 int32 ?|readyReplicas 7 int32 ?|availableReplicas 4 int32 ?|unavailableReplicas 5 int32 ?|terminatingReplicas 9 *int32 ?|conditions 6 []DeploymentCondition ? m=type l=type|collisionCount 8 *int32 ?
DeploymentCondition|type 1 string ! t=DeploymentConditionType|status 2 string ! t=ConditionStatus|lastUpdateTime 6 Time ?|lastTransitionTime 7 Time ?|reason 4 string ?|message 5 string ?
DaemonSetUpdateStrategy|type 1 string ? t=DaemonSetUpdateStrategyType|rollingUpdate 2 *RollingUpdateDaemonSet ?
RollingUpdateDaemonSet|maxUnavailable 1 *IntOrString ?|maxSurge 2 *IntOrString ?
DaemonSetSpec|selector 1 *meta.LabelSelector !|template 2 core.PodTemplateSpec !|updateStrategy 3 DaemonSetUpdateStrategy ?|minReadySeconds 4 int32 ?|revisionHistoryLimit 6 *int32 ?
DaemonSetStatus|currentNumberScheduled 1 int32 !|numberMisscheduled 2 int32 !|desiredNumberScheduled 3 int32 !|numberReady 4 int32 !|observedGeneration 5 int64 ?|updatedNumberScheduled 6 int32 ?|numberAvailable 7 int32 ?|numberUnavailable 8 int32 ?|collisionCount 9 *int32 ?|conditions 10 []DaemonSetCondition ? m=type l=type
DaemonSetCondition|type 1 string ! t=DaemonSetConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
@DaemonSet|metadata 1 meta.ObjectMeta ?|spec 2 DaemonSetSpec ?|status 3 DaemonSetStatus ?
@ReplicaSet|metadata 1 meta.ObjectMeta ?|spec 2 ReplicaSetSpec ?|status 3 ReplicaSetStatus ?
ReplicaSetSpec|replicas 1 *int32 ?|minReadySeconds 4 int32 ?|selector 2 *meta.LabelSelector !|template 3 core.PodTemplateSpec ?
ReplicaSetStatus|replicas 1 int32 !|fullyLabeledReplicas 2 int32 ?|readyReplicas 4 int32 ?|availableReplicas 5 int32 ?|terminatingReplicas 7 *int32 ?|observedGeneration 3 int64 ?|conditions 6 []ReplicaSetCondition ? m=type l=type
ReplicaSetCondition|type 1 string ! t=ReplicaSetConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
@ControllerRevision|metadata 1 meta.ObjectMeta ?|data 2 RawExtension ?|revision 3 int64 !
`;
