/** Fields of the types of autoscaling/v1 and v2. The notation is explained in ../fields.ts. */

export const autoscalingv1 = `
CrossVersionObjectReference~|kind 1 string !|name 2 string !|apiVersion 3 string ?
HorizontalPodAutoscalerSpec|scaleTargetRef 1 CrossVersionObjectReference !|minReplicas 2 *int32 ?|maxReplicas 3 int32 !|targetCPUUtilizationPercentage 4 *int32 ?
HorizontalPodAutoscalerStatus|observedGeneration 1 *int64 ?|lastScaleTime 2 *Time ?|currentReplicas 3 int32 !|desiredReplicas 4 int32 !|currentCPUUtilizationPercentage 5 *int32 ?
@HorizontalPodAutoscaler|metadata 1 meta.ObjectMeta ?|spec 2 HorizontalPodAutoscalerSpec ? !|status 3 HorizontalPodAutoscalerStatus ?
@Scale|metadata 1 meta.ObjectMeta ?|spec 2 ScaleSpec ?|status 3 ScaleStatus ?
ScaleSpec|replicas 1 int32 ? d=0
ScaleStatus|replicas 1 int32 !|selector 2 string ?
MetricSpec|type 1 string ! t=MetricSourceType|object 2 *ObjectMetricSource ?|pods 3 *PodsMetricSource ?|resource 4 *ResourceMetricSource ?|containerResource 7 *ContainerResourceMetricSource ?|external 5 *ExternalMetricSource ?
ObjectMetricSource|target 1 CrossVersionObjectReference !|metricName 2 string !|targetValue 3 Quantity !|selector 4 *meta.LabelSelector ?|averageValue 5 *Quantity ?
PodsMetricSource|metricName 1 string !|targetAverageValue 2 Quantity !|selector 3 *meta.LabelSelector ?
ResourceMetricSource|name 1 string ! t=v1.ResourceName|targetAverageUtilization 2 *int32 ?|targetAverageValue 3 *Quantity ?
ContainerResourceMetricSource|name 1 string ! t=v1.ResourceName|targetAverageUtilization 2 *int32 ?|targetAverageValue 3 *Quantity ?|container 5 string !
ExternalMetricSource|metricName 1 string !|metricSelector 2 *meta.LabelSelector ?|targetValue 3 *Quantity ?|targetAverageValue 4 *Quantity ?
MetricStatus|type 1 string ! t=MetricSourceType|object 2 *ObjectMetricStatus ?|pods 3 *PodsMetricStatus ?|resource 4 *ResourceMetricStatus ?|containerResource 7 *ContainerResourceMetricStatus ?|external 5 *ExternalMetricStatus ?
HorizontalPodAutoscalerCondition|type 1 string ! t=HorizontalPodAutoscalerConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
ObjectMetricStatus|target 1 CrossVersionObjectReference !|metricName 2 string !|currentValue 3 Quantity !|selector 4 *meta.LabelSelector ?|averageValue 5 *Quantity ?
PodsMetricStatus|metricName 1 string !|currentAverageValue 2 Quantity !|selector 3 *meta.LabelSelector ?
ResourceMetricStatus|name 1 string ! t=v1.ResourceName|currentAverageUtilization 2 *int32 ?|currentAverageValue 3 Quantity !
ContainerResourceMetricStatus|name 1 string ! t=v1.ResourceName|currentAverageUtilization 2 *int32 ?|currentAverageValue 3 Quantity !|container 4 string !
ExternalMetricStatus|metricName 1 string !|metricSelector 2 *meta.LabelSelector ?|currentValue 3 Quantity !|currentAverageValue 4 *Quantity ?
`;

export const autoscalingv2 = `
@HorizontalPodAutoscaler|metadata 1 meta.ObjectMeta ?|spec 2 HorizontalPodAutoscalerSpec ? !|status 3 HorizontalPodAutoscalerStatus ?
HorizontalPodAutoscalerSpec|scaleTargetRef 1 CrossVersionObjectReference !|minReplicas 2 *int32 ?|maxReplicas 3 int32 !|metrics 4 []MetricSpec ? l=:atomic|behavior 5 *HorizontalPodAutoscalerBehavior ?
CrossVersionObjectReference|kind 1 string !|name 2 string !|apiVersion 3 string ?
MetricSpec|type 1 string ! t=MetricSourceType|object 2 *ObjectMetricSource ?|pods 3 *PodsMetricSource ?|resource 4 *ResourceMetricSource ?|containerResource 7 *ContainerResourceMetricSource ?|external 5 *ExternalMetricSource ?
HorizontalPodAutoscalerBehavior|scaleUp 1 *HPAScalingRules ?|scaleDown 2 *HPAScalingRules ?
HPAScalingRules|stabilizationWindowSeconds 3 *int32 ?|selectPolicy 1 *string ? t=ScalingPolicySelect|policies 2 []HPAScalingPolicy ? k l=:atomic|tolerance 4 *Quantity ?
HPAScalingPolicy|type 1 string ! t=HPAScalingPolicyType|value 2 int32 !|periodSeconds 3 int32 !
ObjectMetricSource|describedObject 1 CrossVersionObjectReference !|target 2 MetricTarget !|metric 3 MetricIdentifier !
PodsMetricSource|metric 1 MetricIdentifier !|target 2 MetricTarget !
ResourceMetricSource|name 1 string ! t=v1.ResourceName|target 2 MetricTarget !
ContainerResourceMetricSource|name 1 string ! t=v1.ResourceName|target 2 MetricTarget !|container 3 string !
ExternalMetricSource|metric 1 MetricIdentifier !|target 2 MetricTarget !
MetricIdentifier|name 1 string !|selector 2 *meta.LabelSelector ?
MetricTarget|type 1 string ! t=MetricTargetType|value 2 *Quantity ?|averageValue 3 *Quantity ?|averageUtilization 4 *int32 ?
HorizontalPodAutoscalerStatus|observedGeneration 1 *int64 ?|lastScaleTime 2 *Time ?|currentReplicas 3 int32 ?|desiredReplicas 4 int32 !|currentMetrics 5 []MetricStatus l=:atomic|conditions 6 []HorizontalPodAutoscalerCondition ? m=type l=type
HorizontalPodAutoscalerCondition|type 1 string ! t=HorizontalPodAutoscalerConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
MetricStatus|type 1 string ! t=MetricSourceType|object 2 *ObjectMetricStatus ?|pods 3 *PodsMetricStatus ?|resource 4 *ResourceMetricStatus ?|containerResource 7 *ContainerResourceMetricStatus ?|external 5 *ExternalMetricStatus ?
ObjectMetricStatus|metric 1 MetricIdentifier !|current 2 MetricValueStatus !|describedObject 3 CrossVersionObjectReference !
PodsMetricStatus|metric 1 MetricIdentifier !|current 2 MetricValueStatus !
ResourceMetricStatus|name 1 string ! t=v1.ResourceName|current 2 MetricValueStatus !
ContainerResourceMetricStatus|name 1 string ! t=v1.ResourceName|current 2 MetricValueStatus !|container 3 string !
ExternalMetricStatus|metric 1 MetricIdentifier !|current 2 MetricValueStatus !
MetricValueStatus|value 1 *Quantity ?|averageValue 2 *Quantity ?|averageUtilization 3 *int32 ?
`;
