/** Fields of the types of batch/v1. The notation is explained in ../fields.ts. */

export const batch = `
@Job|metadata 1 meta.ObjectMeta ?|spec 2 JobSpec ?|status 3 JobStatus ?
PodFailurePolicyOnExitCodesRequirement|containerName 1 *string ?|operator 2 string ! t=PodFailurePolicyOnExitCodesOperator|values 3 []int32 ! l=:set
PodFailurePolicyOnPodConditionsPattern|type 1 string ! t=PodConditionType|status 2 string t=ConditionStatus
PodFailurePolicyRule|action 1 string ! t=PodFailurePolicyAction|onExitCodes 2 *PodFailurePolicyOnExitCodesRequirement ?|onPodConditions 3 []PodFailurePolicyOnPodConditionsPattern ? l=:atomic
PodFailurePolicy|rules 1 []PodFailurePolicyRule ! l=:atomic
SuccessPolicy|rules 1 []SuccessPolicyRule ! l=:atomic
SuccessPolicyRule|succeededIndexes 1 *string ?|succeededCount 2 *int32 ?
JobSpec|parallelism 1 *int32 ?|completions 2 *int32 ?|activeDeadlineSeconds 3 *int64 ?|podFailurePolicy 11 *PodFailurePolicy ?|successPolicy 16 *SuccessPolicy ?|backoffLimit 7 *int32 ?|backoffLimitPerIndex 12 *int32 ?|maxFailedIndexes 13 *int32 ?|selector 4 *meta.LabelSelector ?|manualSelector 5 *bool ?|template 6 core.PodTemplateSpec !|ttlSecondsAfterFinished 8 *int32 ?|completionMode 9 *string ? t=CompletionMode|suspend 10 *bool ?|podReplacementPolicy 14 *string ? t=PodReplacementPolicy|managedBy 15 *string ?
JobStatus|conditions 1 []JobCondition ? m=type l=:atomic|startTime 2 *Time ?|completionTime 3 *Time ?|active 4 int32 ?|succeeded 5 int32 ?|failed 6 int32 ?|terminating 11 *int32 ?|completedIndexes 7 string ?|failedIndexes 10 *string ?|uncountedTerminatedPods 8 *UncountedTerminatedPods ?|ready 9 *int32 ?
UncountedTerminatedPods|succeeded 1 []string ? l=:set t=types.UID|failed 2 []string ? l=:set t=types.UID
JobCondition|type 1 string ! t=JobConditionType|status 2 string ! t=ConditionStatus|lastProbeTime 3 Time ?|lastTransitionTime 4 Time ?|reason 5 string ?|message 6 string ?
JobTemplateSpec|metadata 1 meta.ObjectMeta ?|spec 2 JobSpec ?
@CronJob|metadata 1 meta.ObjectMeta ?|spec 2 CronJobSpec ? !|status 3 CronJobStatus ?
CronJobSpec|schedule 1 string !|timeZone 8 *string ?|startingDeadlineSeconds 2 *int64 ?|concurrencyPolicy 3 string ? t=ConcurrencyPolicy|suspend 4 *bool ?|jobTemplate 5 JobTemplateSpec !|successfulJobsHistoryLimit 6 *int32 ?|failedJobsHistoryLimit 7 *int32 ?
CronJobStatus|active 1 []core.ObjectReference ? l=:atomic|lastScheduleTime 4 *Time ?|lastSuccessfulTime 5 *Time ?
`;
