/** Fields of the types of admissionregistration.k8s.io, flowcontrol.apiserver.k8s.io, resource.k8s.io, apiextensions.k8s.io and apiregistration.k8s.io, v1. The notation is explained in ../fields.ts. */

export const admissionregistration = `
Rule|apiGroups 1 []string ? l=:atomic|apiVersions 2 []string ? l=:atomic|resources 3 []string ? l=:atomic|scope 4 *string ? t=ScopeType
@ValidatingAdmissionPolicy|metadata 1 meta.ObjectMeta ?|spec 2 ValidatingAdmissionPolicySpec ?|status 3 ValidatingAdmissionPolicyStatus ?
ValidatingAdmissionPolicyStatus|observedGeneration 1 int64 ?|typeChecking 2 *TypeChecking ?|conditions 3 []meta.Condition ? l=type
TypeChecking|expressionWarnings 1 []ExpressionWarning ? l=:atomic
ExpressionWarning|fieldRef 2 string !|warning 3 string !
ValidatingAdmissionPolicySpec|paramKind 1 *ParamKind ?|matchConstraints 2 *MatchResources ?|validations 3 []Validation ? l=:atomic|failurePolicy 4 *string ? t=FailurePolicyType|auditAnnotations 5 []AuditAnnotation ? l=:atomic|matchConditions 6 []MatchCondition ? m=name l=name|variables 7 []Variable ? m=name l=name
ParamKind~|apiVersion 1 string ?|kind 2 string ?
Validation|expression 1 string !|message 2 string ?|reason 3 *string ? t=StatusReason|messageExpression 4 string ?
Variable~|name 1 string !|expression 2 string !
AuditAnnotation|key 1 string !|valueExpression 2 string !
@ValidatingAdmissionPolicyBinding|metadata 1 meta.ObjectMeta ?|spec 2 ValidatingAdmissionPolicyBindingSpec ? !
ValidatingAdmissionPolicyBindingSpec|policyName 1 string ? !|paramRef 2 *ParamRef ?|matchResources 3 *MatchResources ?|validationActions 4 []string ? ! l=:set t=ValidationAction
ParamRef~|name 1 string ?|namespace 2 string ?|selector 3 *meta.LabelSelector ?|parameterNotFoundAction 4 *string ? t=ParameterNotFoundActionType
MatchResources~|namespaceSelector 1 *meta.LabelSelector ?|objectSelector 2 *meta.LabelSelector ?|resourceRules 3 []NamedRuleWithOperations ? l=:atomic|excludeResourceRules 4 []NamedRuleWithOperations ? l=:atomic|matchPolicy 7 *string ? t=MatchPolicyType
NamedRuleWithOperations~|resourceNames 1 []string ? l=:atomic|RuleWithOperations 2 ^
@ValidatingWebhookConfiguration|metadata 1 meta.ObjectMeta ?|webhooks 2 []ValidatingWebhook ? m=name l=name
@MutatingWebhookConfiguration|metadata 1 meta.ObjectMeta ?|webhooks 2 []MutatingWebhook ? m=name l=name
ValidatingWebhook|name 1 string !|clientConfig 2 WebhookClientConfig !|rules 3 []RuleWithOperations ? l=:atomic|failurePolicy 4 *string ? t=FailurePolicyType|matchPolicy 9 *string ? t=MatchPolicyType|namespaceSelector 5 *meta.LabelSelector ?|objectSelector 10 *meta.LabelSelector ?|sideEffects 6 *string ! t=SideEffectClass|timeoutSeconds 7 *int32 ?|admissionReviewVersions 8 []string ! l=:atomic|matchConditions 11 []MatchCondition ? m=name l=name
MutatingWebhook|name 1 string !|clientConfig 2 WebhookClientConfig !|rules 3 []RuleWithOperations ? l=:atomic|failurePolicy 4 *string ? t=FailurePolicyType|matchPolicy 9 *string ? t=MatchPolicyType|namespaceSelector 5 *meta.LabelSelector ?|objectSelector 11 *meta.LabelSelector ?|sideEffects 6 *string ! t=SideEffectClass|timeoutSeconds 7 *int32 ?|admissionReviewVersions 8 []string ! l=:atomic|reinvocationPolicy 10 *string ? t=ReinvocationPolicyType|matchConditions 12 []MatchCondition ? m=name l=name
@MutatingAdmissionPolicy|metadata 1 meta.ObjectMeta ?|spec 2 MutatingAdmissionPolicySpec ?
MutatingAdmissionPolicySpec|paramKind 1 *ParamKind ?|matchConstraints 2 *MatchResources ?|variables 3 []Variable ? l=:atomic|mutations 4 []Mutation ? l=:atomic|failurePolicy 5 *string ? t=FailurePolicyType|matchConditions 6 []MatchCondition ? m=name l=name|reinvocationPolicy 7 string ? t=ReinvocationPolicyType
Mutation|patchType 2 string ! t=PatchType|applyConfiguration 3 *ApplyConfiguration ?|jsonPatch 4 *JSONPatch ?
ApplyConfiguration|expression 1 string ?
JSONPatch|expression 1 string ?
@MutatingAdmissionPolicyBinding|metadata 1 meta.ObjectMeta ?|spec 2 MutatingAdmissionPolicyBindingSpec ?
MutatingAdmissionPolicyBindingSpec|policyName 1 string ?|paramRef 2 *ParamRef ?|matchResources 3 *MatchResources ?
RuleWithOperations|operations 1 []string ? l=:atomic t=OperationType|Rule 2 ^
WebhookClientConfig|url 3 *string ?|service 1 *ServiceReference ?|caBundle 2 bytes ?
ServiceReference|namespace 1 string !|name 2 string !|path 3 *string ?|port 4 *int32 ?
MatchCondition|name 1 string !|expression 2 string !
`;

export const flowcontrol = `
@FlowSchema|metadata 1 meta.ObjectMeta ?|spec 2 FlowSchemaSpec ?|status 3 FlowSchemaStatus ?
FlowSchemaSpec|priorityLevelConfiguration 1 PriorityLevelConfigurationReference !|matchingPrecedence 2 int32|distinguisherMethod 3 *FlowDistinguisherMethod ?|rules 4 []PolicyRulesWithSubjects ? l=:atomic
FlowDistinguisherMethod|type 1 string ! t=FlowDistinguisherMethodType
PriorityLevelConfigurationReference|name 1 string !
PolicyRulesWithSubjects|subjects 1 []Subject ! l=:atomic|resourceRules 2 []ResourcePolicyRule ? l=:atomic|nonResourceRules 3 []NonResourcePolicyRule ? l=:atomic
Subject|kind 1 string ! t=SubjectKind|user 2 *UserSubject ?|group 3 *GroupSubject ?|serviceAccount 4 *ServiceAccountSubject ?
UserSubject|name 1 string !
GroupSubject|name 1 string !
ServiceAccountSubject|namespace 1 string !|name 2 string !
ResourcePolicyRule|verbs 1 []string ! l=:set|apiGroups 2 []string ! l=:set|resources 3 []string ! l=:set|clusterScope 4 bool ?|namespaces 5 []string l=:set
NonResourcePolicyRule|verbs 1 []string ! l=:set|nonResourceURLs 6 []string ! l=:set
FlowSchemaStatus|conditions 1 []FlowSchemaCondition ? m=type l=type
FlowSchemaCondition|type 1 string ? t=FlowSchemaConditionType|status 2 string ? t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
@PriorityLevelConfiguration|metadata 1 meta.ObjectMeta ?|spec 2 PriorityLevelConfigurationSpec ?|status 3 PriorityLevelConfigurationStatus ?
PriorityLevelConfigurationSpec|type 1 string ! t=PriorityLevelEnablement|limited 2 *LimitedPriorityLevelConfiguration ?|exempt 3 *ExemptPriorityLevelConfiguration ?
LimitedPriorityLevelConfiguration|nominalConcurrencyShares 1 *int32|limitResponse 2 LimitResponse ?|lendablePercent 3 *int32 ?|borrowingLimitPercent 4 *int32 ?
ExemptPriorityLevelConfiguration|nominalConcurrencyShares 1 *int32 ?|lendablePercent 2 *int32 ?
LimitResponse|type 1 string ! t=LimitResponseType|queuing 2 *QueuingConfiguration ?
QueuingConfiguration|queues 1 int32|handSize 2 int32|queueLengthLimit 3 int32
PriorityLevelConfigurationStatus|conditions 1 []PriorityLevelConfigurationCondition ? m=type l=type
PriorityLevelConfigurationCondition|type 1 string ? t=PriorityLevelConfigurationConditionType|status 2 string ? t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
`;

export const resource = `
@ResourceSlice|metadata 1 meta.ObjectMeta ?|spec 2 ResourceSliceSpec !
ResourceSliceSpec|driver 1 string !|pool 2 ResourcePool !|nodeName 3 *string ?|nodeSelector 4 *core.NodeSelector ?|allNodes 5 *bool ?|devices 6 []Device ? l=:atomic|perDeviceNodeSelection 7 *bool ?|sharedCounters 8 []CounterSet ? l=:atomic
CounterSet|name 1 string !|counters 2 map:Counter ? !
ResourcePool|name 1 string !|generation 2 int64 !|resourceSliceCount 3 int64 !
Device|name 1 string !|attributes 2 map:DeviceAttribute ? t=map[v1.QualifiedName]v1.DeviceAttribute|capacity 3 map:DeviceCapacity ? t=map[v1.QualifiedName]v1.DeviceCapacity|consumesCounters 4 []DeviceCounterConsumption ? l=:atomic|nodeName 5 *string ?|nodeSelector 6 *core.NodeSelector ?|allNodes 7 *bool ?|taints 8 []DeviceTaint ? l=:atomic|bindsToNode 9 *bool ?|bindingConditions 10 []string ? l=:atomic|bindingFailureConditions 11 []string ? l=:atomic|allowMultipleAllocations 12 *bool ?|nodeAllocatableResourceMappings 13 map:NodeAllocatableResourceMapping ?
NodeAllocatableResourceMapping|capacityKey 1 *string ? t=QualifiedName|allocationMultiplier 2 *Quantity ?
DeviceCounterConsumption|counterSet 1 string !|counters 2 map:Counter ? !
DeviceCapacity|value 1 Quantity !|requestPolicy 2 *CapacityRequestPolicy ?
Counter|value 1 Quantity !
CapacityRequestPolicy|default 1 *Quantity|validValues 3 []Quantity ? l=:atomic|validRange 4 *CapacityRequestPolicyRange ?
CapacityRequestPolicyRange|min 1 *Quantity ? !|max 2 *Quantity ?|step 3 *Quantity ?
DeviceAttribute|int 2 *int64 ?|bool 3 *bool ?|string 4 *string ?|version 5 *string ?|ints 6 []int64 ? l=:atomic|bools 7 []bool ? l=:atomic|strings 8 []string ? l=:atomic|versions 9 []string ? l=:atomic
DeviceTaint|key 1 string !|value 2 string ?|effect 3 string ! t=DeviceTaintEffect|timeAdded 4 *Time ?
@ResourceClaim|metadata 1 meta.ObjectMeta ?|spec 2 ResourceClaimSpec !|status 3 ResourceClaimStatus ?
ResourceClaimSpec|devices 1 DeviceClaim
DeviceClaim|requests 1 []DeviceRequest l=:atomic|constraints 2 []DeviceConstraint ? l=:atomic|config 3 []DeviceClaimConfiguration ? l=:atomic
DeviceRequest|name 1 string !|exactly 2 *ExactDeviceRequest ?|firstAvailable 3 []DeviceSubRequest ? l=:atomic
ExactDeviceRequest|deviceClassName 1 string !|selectors 2 []DeviceSelector ? l=:atomic|allocationMode 3 string ? t=DeviceAllocationMode|count 4 int64 ?|adminAccess 5 *bool ?|tolerations 6 []DeviceToleration ? l=:atomic|capacity 7 *CapacityRequirements ?
DeviceSubRequest|name 1 string !|deviceClassName 2 string !|selectors 3 []DeviceSelector ? l=:atomic|allocationMode 4 string ? t=DeviceAllocationMode|count 5 int64 ?|tolerations 6 []DeviceToleration ? l=:atomic|capacity 7 *CapacityRequirements ?
CapacityRequirements|requests 1 map:Quantity ? t=map[v1.QualifiedName]resource.Quantity
DeviceSelector|cel 1 *CELDeviceSelector ?
CELDeviceSelector|expression 1 string !
DeviceConstraint|requests 1 []string ? l=:atomic|matchAttribute 2 *string ? t=FullyQualifiedName|distinctAttribute 3 *string ? t=FullyQualifiedName
DeviceClaimConfiguration|requests 1 []string ? l=:atomic|DeviceConfiguration 2 ^
DeviceConfiguration|opaque 1 *OpaqueDeviceConfiguration ?
OpaqueDeviceConfiguration|driver 1 string !|parameters 2 RawExtension !
DeviceToleration|key 1 string ?|operator 2 string ? d="Equal" t=DeviceTolerationOperator|value 3 string ?|effect 4 string ? t=DeviceTaintEffect|tolerationSeconds 5 *int64 ?
ResourceClaimStatus|allocation 1 *AllocationResult ?|reservedFor 2 []ResourceClaimConsumerReference ? m=uid l=uid|devices 4 []AllocatedDeviceStatus ? l=driver,device,pool,shareID
ResourceClaimConsumerReference|apiGroup 1 string ?|resource 3 string !|name 4 string !|uid 5 string ! t=types.UID
AllocationResult|devices 1 DeviceAllocationResult ?|nodeSelector 3 *core.NodeSelector ?|allocationTimestamp 5 *Time ?
DeviceAllocationResult|results 1 []DeviceRequestAllocationResult ? l=:atomic|config 2 []DeviceAllocationConfiguration ? l=:atomic
DeviceRequestAllocationResult|request 1 string !|driver 2 string !|pool 3 string !|device 4 string !|adminAccess 5 *bool ?|tolerations 6 []DeviceToleration ? l=:atomic|bindingConditions 7 []string ? l=:atomic|bindingFailureConditions 8 []string ? l=:atomic|shareID 9 *string ? t=types.UID|consumedCapacity 10 map:Quantity ?
DeviceAllocationConfiguration|source 1 string ! t=AllocationConfigSource|requests 2 []string ? l=:atomic|DeviceConfiguration 3 ^
@DeviceClass|metadata 1 meta.ObjectMeta ?|spec 2 DeviceClassSpec !
DeviceClassSpec|selectors 1 []DeviceSelector ? l=:atomic|config 2 []DeviceClassConfiguration ? l=:atomic|extendedResourceName 4 *string ?
DeviceClassConfiguration|DeviceConfiguration 1 ^
@ResourceClaimTemplate|metadata 1 meta.ObjectMeta ?|spec 2 ResourceClaimTemplateSpec !
ResourceClaimTemplateSpec|metadata 1 meta.ObjectMeta ?|spec 2 ResourceClaimSpec !
AllocatedDeviceStatus|driver 1 string !|pool 2 string !|device 3 string !|shareID 7 *string ?|conditions 4 []meta.Condition l=type|data 5 *RawExtension ?|networkData 6 *NetworkDeviceData ?
NetworkDeviceData|interfaceName 1 string ?|ips 2 []string ? l=:atomic|hardwareAddress 3 string ?
`;

export const apiextensions = `
CustomResourceDefinitionSpec|group 1 string !|names 3 CustomResourceDefinitionNames !|scope 4 string ! t=ResourceScope|versions 7 []CustomResourceDefinitionVersion ! l=:atomic|conversion 9 *CustomResourceConversion ?|preserveUnknownFields 10 bool ?
CustomResourceConversion|strategy 1 string ! t=ConversionStrategyType|webhook 2 *WebhookConversion ?
WebhookConversion|clientConfig 2 *WebhookClientConfig ?|conversionReviewVersions 3 []string ! l=:atomic
WebhookClientConfig|url 3 *string ?|service 1 *ServiceReference ?|caBundle 2 bytes ?
ServiceReference|namespace 1 string !|name 2 string !|path 3 *string ?|port 4 *int32 ?
CustomResourceDefinitionVersion|name 1 string !|served 2 bool !|storage 3 bool !|deprecated 7 bool ?|deprecationWarning 8 *string ?|schema 4 *CustomResourceValidation ?|subresources 5 *CustomResourceSubresources ?|additionalPrinterColumns 6 []CustomResourceColumnDefinition ? l=:atomic|selectableFields 9 []SelectableField ? l=:atomic
SelectableField|jsonPath 1 string !
CustomResourceColumnDefinition|name 1 string !|type 2 string !|format 3 string ?|description 4 string ?|priority 5 int32 ?|jsonPath 6 string !
CustomResourceDefinitionNames|plural 1 string !|singular 2 string ?|shortNames 3 []string ? l=:atomic|kind 4 string !|listKind 5 string ?|categories 6 []string ? l=:atomic
CustomResourceDefinitionCondition|type 1 string ! t=CustomResourceDefinitionConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?|observedGeneration 6 int64 ?
CustomResourceDefinitionStatus|conditions 1 []CustomResourceDefinitionCondition l=type|acceptedNames 2 CustomResourceDefinitionNames|storedVersions 3 []string l=:atomic|observedGeneration 4 int64 ?
@CustomResourceDefinition|metadata 1 meta.ObjectMeta ?|spec 2 CustomResourceDefinitionSpec !|status 3 CustomResourceDefinitionStatus ?
CustomResourceValidation|openAPIV3Schema 1 *JSONSchemaProps ?
CustomResourceSubresources|status 1 *CustomResourceSubresourceStatus ?|scale 2 *CustomResourceSubresourceScale ?
CustomResourceSubresourceStatus|
CustomResourceSubresourceScale|specReplicasPath 1 string !|statusReplicasPath 2 string !|labelSelectorPath 3 *string ?
@ConversionReview|request 1 *ConversionRequest ?|response 2 *ConversionResponse ?
ConversionRequest|uid 1 string ! t=types.UID|desiredAPIVersion 2 string !|objects 3 []RawExtension ! l=:atomic
ConversionResponse|uid 1 string ! t=types.UID|convertedObjects 2 []RawExtension ! l=:atomic|result 3 meta.Status !
JSONSchemaProps|id 1 string ?|$schema 2 string ?|$ref 3 *string ?|description 4 string ?|type 5 string ?|format 6 string ?|title 7 string ?|default 8 *JSON ?|maximum 9 *double ?|exclusiveMaximum 10 bool ?|minimum 11 *double ?|exclusiveMinimum 12 bool ?|maxLength 13 *int64 ?|minLength 14 *int64 ?|pattern 15 string ?|maxItems 16 *int64 ?|minItems 17 *int64 ?|uniqueItems 18 bool ?|multipleOf 19 *double ?|enum 20 []JSON ? l=:atomic|maxProperties 21 *int64 ?|minProperties 22 *int64 ?|required 23 []string ? l=:atomic|items 24 *SchemaOrArray ?|allOf 25 []JSONSchemaProps ? l=:atomic|oneOf 26 []JSONSchemaProps ? l=:atomic|anyOf 27 []JSONSchemaProps ? l=:atomic|not 28 *JSONSchemaProps ?|properties 29 map:JSONSchemaProps ?|additionalProperties 30 *SchemaOrBool ?|patternProperties 31 map:JSONSchemaProps ?|dependencies 32 map:SchemaOrStrings ? t=JSONSchemaDependencies|additionalItems 33 *SchemaOrBool ?|definitions 34 map:JSONSchemaProps ? t=JSONSchemaDefinitions|externalDocs 35 *ExternalDocumentation ?|example 36 *JSON ?|nullable 37 bool ?|x-kubernetes-preserve-unknown-fields 38 *bool ?|x-kubernetes-embedded-resource 39 bool ?|x-kubernetes-int-or-string 40 bool ?|x-kubernetes-list-map-keys 41 []string ? l=:atomic|x-kubernetes-list-type 42 *string ?|x-kubernetes-map-type 43 *string ?|x-kubernetes-validations 44 []ValidationRule ? m=rule l=rule
ValidationRule|rule 1 string !|message 2 string ?|messageExpression 3 string ?|reason 4 *string ? t=FieldValueErrorReason|fieldPath 5 string ?|optionalOldSelf 6 *bool ?
ExternalDocumentation|description 1 string ?|url 2 string ?
`;

export const apiregistration = `
ServiceReference|namespace 1 string ?|name 2 string ?|port 3 *int32 ?
APIServiceSpec|service 1 *ServiceReference ?|group 2 string ?|version 3 string ?|insecureSkipTLSVerify 4 bool ?|caBundle 5 bytes ? l=:atomic|groupPriorityMinimum 7 int32 !|versionPriority 8 int32 !
APIServiceCondition|type 1 string ! t=APIServiceConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
APIServiceStatus|conditions 1 []APIServiceCondition ? m=type l=type
@APIService|metadata 1 meta.ObjectMeta ?|spec 2 APIServiceSpec ?|status 3 APIServiceStatus ?
`;

/** Of reviews only what is answered: questions are written, not read. */
export const admission = `
@AdmissionReview|response 2 *AdmissionResponse ?
AdmissionResponse|uid 1 string t=types.UID|allowed 2 bool|status 3 *meta.Status ?|patch 4 bytes ?|patchType 5 *string ? t=PatchType|auditAnnotations 6 map:string ?|warnings 7 []string ?
`;
