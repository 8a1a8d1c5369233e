/** Fields of the types of core/v1. The notation is explained in ../fields.ts. */

export const core = `
Volume|name 1 string !|VolumeSource 2 ^
VolumeSource|hostPath 1 *HostPathVolumeSource ?|emptyDir 2 *EmptyDirVolumeSource ?|gcePersistentDisk 3 *GCEPersistentDiskVolumeSource ?|awsElasticBlockStore 4 *AWSElasticBlockStoreVolumeSource ?|gitRepo 5 *GitRepoVolumeSource ?|secret 6 *SecretVolumeSource ?|nfs 7 *NFSVolumeSource ?|iscsi 8 *ISCSIVolumeSource ?|glusterfs 9 *GlusterfsVolumeSource ?|persistentVolumeClaim 10 *PersistentVolumeClaimVolumeSource ?|rbd 11 *RBDVolumeSource ?|flexVolume 12 *FlexVolumeSource ?|cinder 13 *CinderVolumeSource ?|cephfs 14 *CephFSVolumeSource ?|flocker 15 *FlockerVolumeSource ?|downwardAPI 16 *DownwardAPIVolumeSource ?|fc 17 *FCVolumeSource ?|azureFile 18 *AzureFileVolumeSource ?|configMap 19 *ConfigMapVolumeSource ?|vsphereVolume 20 *VsphereVirtualDiskVolumeSource ?|quobyte 21 *QuobyteVolumeSource ?|azureDisk 22 *AzureDiskVolumeSource ?|photonPersistentDisk 23 *PhotonPersistentDiskVolumeSource ?|projected 26 *ProjectedVolumeSource ?|portworxVolume 24 *PortworxVolumeSource ?|scaleIO 25 *ScaleIOVolumeSource ?|storageos 27 *StorageOSVolumeSource ?|csi 28 *CSIVolumeSource ?|ephemeral 29 *EphemeralVolumeSource ?|image 30 *ImageVolumeSource ?
PersistentVolumeClaimVolumeSource|claimName 1 string !|readOnly 2 bool ?
PersistentVolumeSource|gcePersistentDisk 1 *GCEPersistentDiskVolumeSource ?|awsElasticBlockStore 2 *AWSElasticBlockStoreVolumeSource ?|hostPath 3 *HostPathVolumeSource ?|glusterfs 4 *GlusterfsPersistentVolumeSource ?|nfs 5 *NFSVolumeSource ?|rbd 6 *RBDPersistentVolumeSource ?|iscsi 7 *ISCSIPersistentVolumeSource ?|cinder 8 *CinderPersistentVolumeSource ?|cephfs 9 *CephFSPersistentVolumeSource ?|fc 10 *FCVolumeSource ?|flocker 11 *FlockerVolumeSource ?|flexVolume 12 *FlexPersistentVolumeSource ?|azureFile 13 *AzureFilePersistentVolumeSource ?|vsphereVolume 14 *VsphereVirtualDiskVolumeSource ?|quobyte 15 *QuobyteVolumeSource ?|azureDisk 16 *AzureDiskVolumeSource ?|photonPersistentDisk 17 *PhotonPersistentDiskVolumeSource ?|portworxVolume 18 *PortworxVolumeSource ?|scaleIO 19 *ScaleIOPersistentVolumeSource ?|local 20 *LocalVolumeSource ?|storageos 21 *StorageOSPersistentVolumeSource ?|csi 22 *CSIPersistentVolumeSource ?
@PersistentVolume|metadata 1 meta.ObjectMeta ?|spec 2 PersistentVolumeSpec ?|status 3 PersistentVolumeStatus ?
PersistentVolumeSpec|capacity 1 map:Quantity ? k t=ResourceList|PersistentVolumeSource 2 ^|accessModes 3 []string ? l=:atomic t=PersistentVolumeAccessMode|claimRef 4 *ObjectReference ? g|persistentVolumeReclaimPolicy 5 string ? t=PersistentVolumeReclaimPolicy|storageClassName 6 string ?|mountOptions 7 []string ? l=:atomic|volumeMode 8 *string ? t=PersistentVolumeMode|nodeAffinity 9 *VolumeNodeAffinity ?|volumeAttributesClassName 10 *string ?
VolumeNodeAffinity|required 1 *NodeSelector ?
PersistentVolumeStatus|phase 1 string ? t=PersistentVolumePhase|message 2 string ?|reason 3 string ?|lastPhaseTransitionTime 4 *Time ?
@PersistentVolumeClaim|metadata 1 meta.ObjectMeta ?|spec 2 PersistentVolumeClaimSpec ?|status 3 PersistentVolumeClaimStatus ?
PersistentVolumeClaimSpec|accessModes 1 []string ? l=:atomic t=PersistentVolumeAccessMode|selector 4 *meta.LabelSelector ?|resources 2 VolumeResourceRequirements ?|volumeName 3 string ?|storageClassName 5 *string ?|volumeMode 6 *string ? t=PersistentVolumeMode|dataSource 7 *TypedLocalObjectReference ?|dataSourceRef 8 *TypedObjectReference ?|volumeAttributesClassName 9 *string ?
TypedObjectReference|apiGroup 1 *string|kind 2 string !|name 3 string !|namespace 4 *string ?
ModifyVolumeStatus|targetVolumeAttributesClassName 1 string ?|status 2 string ! t=PersistentVolumeClaimModifyVolumeStatus
PersistentVolumeClaimCondition|type 1 string ! t=PersistentVolumeClaimConditionType|status 2 string ! t=ConditionStatus|lastProbeTime 3 Time ?|lastTransitionTime 4 Time ?|reason 5 string ?|message 6 string ?
PersistentVolumeClaimStatus|phase 1 string ? t=PersistentVolumeClaimPhase|accessModes 2 []string ? l=:atomic t=PersistentVolumeAccessMode|capacity 3 map:Quantity ? t=ResourceList|conditions 4 []PersistentVolumeClaimCondition ? m=type l=type|allocatedResources 5 map:Quantity ? t=ResourceList|allocatedResourceStatuses 7 map:string ? g t=ClaimResourceStatus|currentVolumeAttributesClassName 8 *string ?|modifyVolumeStatus 9 *ModifyVolumeStatus ?
HostPathVolumeSource|path 1 string !|type 2 *string ? t=HostPathType
EmptyDirVolumeSource|medium 1 string ? t=StorageMedium|sizeLimit 2 *Quantity ?
GlusterfsVolumeSource|endpoints 1 string !|path 2 string !|readOnly 3 bool ?
GlusterfsPersistentVolumeSource|endpoints 1 string !|path 2 string !|readOnly 3 bool ?|endpointsNamespace 4 *string ?
RBDVolumeSource|monitors 1 []string ! l=:atomic|image 2 string !|fsType 3 string ?|pool 4 string ? d="rbd"|user 5 string ? d="admin"|keyring 6 string ? d="/etc/ceph/keyring"|secretRef 7 *LocalObjectReference ?|readOnly 8 bool ?
RBDPersistentVolumeSource|monitors 1 []string ! l=:atomic|image 2 string !|fsType 3 string ?|pool 4 string ? d="rbd"|user 5 string ? d="admin"|keyring 6 string ? d="/etc/ceph/keyring"|secretRef 7 *SecretReference ?|readOnly 8 bool ?
CinderVolumeSource|volumeID 1 string !|fsType 2 string ?|readOnly 3 bool ?|secretRef 4 *LocalObjectReference ?
CinderPersistentVolumeSource|volumeID 1 string !|fsType 2 string ?|readOnly 3 bool ?|secretRef 4 *SecretReference ?
CephFSVolumeSource|monitors 1 []string ! l=:atomic|path 2 string ?|user 3 string ?|secretFile 4 string ?|secretRef 5 *LocalObjectReference ?|readOnly 6 bool ?
SecretReference~|name 1 string ?|namespace 2 string ?
CephFSPersistentVolumeSource|monitors 1 []string ! l=:atomic|path 2 string ?|user 3 string ?|secretFile 4 string ?|secretRef 5 *SecretReference ?|readOnly 6 bool ?
FlockerVolumeSource|datasetName 1 string ?|datasetUUID 2 string ?
GCEPersistentDiskVolumeSource|pdName 1 string !|fsType 2 string ?|partition 3 int32 ?|readOnly 4 bool ?
QuobyteVolumeSource|registry 1 string !|volume 2 string !|readOnly 3 bool ?|user 4 string ?|group 5 string ?|tenant 6 string ?
FlexPersistentVolumeSource|driver 1 string !|fsType 2 string ?|secretRef 3 *SecretReference ?|readOnly 4 bool ?|options 5 map:string ?
FlexVolumeSource|driver 1 string !|fsType 2 string ?|secretRef 3 *LocalObjectReference ?|readOnly 4 bool ?|options 5 map:string ?
AWSElasticBlockStoreVolumeSource|volumeID 1 string !|fsType 2 string ?|partition 3 int32 ?|readOnly 4 bool ?
GitRepoVolumeSource|repository 1 string !|revision 2 string ?|directory 3 string ?
SecretVolumeSource|secretName 1 string ?|items 2 []KeyToPath ? l=:atomic|defaultMode 3 *int32 ?|optional 4 *bool ?
SecretProjection|LocalObjectReference 1 ^|items 2 []KeyToPath ? l=:atomic|optional 4 *bool ?
NFSVolumeSource|server 1 string !|path 2 string !|readOnly 3 bool ?
ISCSIVolumeSource|targetPortal 1 string !|iqn 2 string !|lun 3 int32 !|iscsiInterface 4 string ? d="default"|fsType 5 string ?|readOnly 6 bool ?|portals 7 []string ? l=:atomic|chapAuthDiscovery 8 bool ?|chapAuthSession 11 bool ?|secretRef 10 *LocalObjectReference ?|initiatorName 12 *string ?
ISCSIPersistentVolumeSource|targetPortal 1 string !|iqn 2 string !|lun 3 int32 !|iscsiInterface 4 string ? d="default"|fsType 5 string ?|readOnly 6 bool ?|portals 7 []string ? l=:atomic|chapAuthDiscovery 8 bool ?|chapAuthSession 11 bool ?|secretRef 10 *SecretReference ?|initiatorName 12 *string ?
FCVolumeSource|targetWWNs 1 []string ? l=:atomic|lun 2 *int32 ?|fsType 3 string ?|readOnly 4 bool ?|wwids 5 []string ? l=:atomic
AzureFileVolumeSource|secretName 1 string !|shareName 2 string !|readOnly 3 bool ?
AzureFilePersistentVolumeSource|secretName 1 string !|shareName 2 string !|readOnly 3 bool ?|secretNamespace 4 *string
VsphereVirtualDiskVolumeSource|volumePath 1 string !|fsType 2 string ?|storagePolicyName 3 string ?|storagePolicyID 4 string ?
PhotonPersistentDiskVolumeSource|pdID 1 string !|fsType 2 string ?
AzureDiskVolumeSource|diskName 1 string !|diskURI 2 string !|cachingMode 3 *string ? d="ReadWrite" t=AzureDataDiskCachingMode|fsType 4 *string ? d="ext4"|readOnly 5 *bool ? d=false|kind 6 *string ? d="Shared" t=AzureDataDiskKind
PortworxVolumeSource|volumeID 1 string !|fsType 2 string ?|readOnly 3 bool ?
ScaleIOVolumeSource|gateway 1 string !|system 2 string !|secretRef 3 *LocalObjectReference !|sslEnabled 4 bool ?|protectionDomain 5 string ?|storagePool 6 string ?|storageMode 7 string ? d="ThinProvisioned"|volumeName 8 string ?|fsType 9 string ? d="xfs"|readOnly 10 bool ?
ScaleIOPersistentVolumeSource|gateway 1 string !|system 2 string !|secretRef 3 *SecretReference !|sslEnabled 4 bool ?|protectionDomain 5 string ?|storagePool 6 string ?|storageMode 7 string ? d="ThinProvisioned"|volumeName 8 string ?|fsType 9 string ? d="xfs"|readOnly 10 bool ?
StorageOSVolumeSource|volumeName 1 string ?|volumeNamespace 2 string ?|fsType 3 string ?|readOnly 4 bool ?|secretRef 5 *LocalObjectReference ?
StorageOSPersistentVolumeSource|volumeName 1 string ?|volumeNamespace 2 string ?|fsType 3 string ?|readOnly 4 bool ?|secretRef 5 *ObjectReference ?
ConfigMapVolumeSource|LocalObjectReference 1 ^|items 2 []KeyToPath ? l=:atomic|defaultMode 3 *int32 ?|optional 4 *bool ?
ConfigMapProjection|LocalObjectReference 1 ^|items 2 []KeyToPath ? l=:atomic|optional 4 *bool ?
ServiceAccountTokenProjection|audience 1 string ?|expirationSeconds 2 *int64 ?|path 3 string !
ClusterTrustBundleProjection|name 1 *string ?|signerName 2 *string ?|labelSelector 3 *meta.LabelSelector ?|optional 5 *bool ?|path 4 string !
PodCertificateProjection|signerName 1 string ? !|keyType 2 string ? !|maxExpirationSeconds 3 *int32 ?|credentialBundlePath 4 string ?|keyPath 5 string ?|certificateChainPath 6 string ?|userAnnotations 7 map:string ?
ProjectedVolumeSource|sources 1 []VolumeProjection l=:atomic|defaultMode 2 *int32 ?
VolumeProjection|secret 1 *SecretProjection ?|downwardAPI 2 *DownwardAPIProjection ?|configMap 3 *ConfigMapProjection ?|serviceAccountToken 4 *ServiceAccountTokenProjection ?|clusterTrustBundle 5 *ClusterTrustBundleProjection ?|podCertificate 6 *PodCertificateProjection ?
KeyToPath|key 1 string !|path 2 string !|mode 3 *int32 ?
LocalVolumeSource|path 1 string !|fsType 2 *string ?
CSIPersistentVolumeSource|driver 1 string !|volumeHandle 2 string !|readOnly 3 bool ?|fsType 4 string ?|volumeAttributes 5 map:string ?|controllerPublishSecretRef 6 *SecretReference ?|nodeStageSecretRef 7 *SecretReference ?|nodePublishSecretRef 8 *SecretReference ?|controllerExpandSecretRef 9 *SecretReference ?|nodeExpandSecretRef 10 *SecretReference ?
CSIVolumeSource|driver 1 string !|readOnly 2 *bool ?|fsType 3 *string ?|volumeAttributes 4 map:string ?|nodePublishSecretRef 5 *LocalObjectReference ?
EphemeralVolumeSource|volumeClaimTemplate 1 *PersistentVolumeClaimTemplate ?
PersistentVolumeClaimTemplate|metadata 1 meta.ObjectMeta ?|spec 2 PersistentVolumeClaimSpec !
ContainerPort|name 1 string ?|hostPort 2 int32 ?|containerPort 3 int32 !|protocol 4 string ? d="TCP" t=Protocol|hostIP 5 string ?
VolumeMount|name 1 string !|readOnly 2 bool ?|recursiveReadOnly 7 *string ? t=RecursiveReadOnlyMode|mountPath 3 string !|subPath 4 string ?|mountPropagation 5 *string ? t=MountPropagationMode|subPathExpr 6 string ?
VolumeDevice|name 1 string !|devicePath 2 string !
EnvVar|name 1 string !|value 2 string ?|valueFrom 3 *EnvVarSource ?
EnvVarSource|fieldRef 1 *ObjectFieldSelector ?|resourceFieldRef 2 *ResourceFieldSelector ?|configMapKeyRef 3 *ConfigMapKeySelector ?|secretKeyRef 4 *SecretKeySelector ?|fileKeyRef 5 *FileKeySelector ?
FileKeySelector~|volumeName 1 string !|path 2 string !|key 3 string !|optional 4 *bool ? d=false
ObjectFieldSelector~|apiVersion 1 string ?|fieldPath 2 string !
ResourceFieldSelector~|containerName 1 string ?|resource 2 string !|divisor 3 Quantity ?
ConfigMapKeySelector~|LocalObjectReference 1 ^|key 2 string !|optional 3 *bool ?
SecretKeySelector~|LocalObjectReference 1 ^|key 2 string !|optional 3 *bool ?
EnvFromSource|prefix 1 string ?|configMapRef 2 *ConfigMapEnvSource ?|secretRef 3 *SecretEnvSource ?
ConfigMapEnvSource|LocalObjectReference 1 ^|optional 2 *bool ?
SecretEnvSource|LocalObjectReference 1 ^|optional 2 *bool ?
HTTPHeader|name 1 string !|value 2 string !
HTTPGetAction|path 1 string ?|port 2 IntOrString !|host 3 string ?|scheme 4 string ? t=URIScheme|httpHeaders 5 []HTTPHeader ? l=:atomic
TCPSocketAction|port 1 IntOrString !|host 2 string ?
GRPCAction|port 1 int32 !|service 2 *string d=""
ExecAction|command 1 []string ? l=:atomic
SleepAction|seconds 1 int64 !
Probe|ProbeHandler 1 ^|initialDelaySeconds 2 int32 ?|timeoutSeconds 3 int32 ?|periodSeconds 4 int32 ?|successThreshold 5 int32 ?|failureThreshold 6 int32 ?|terminationGracePeriodSeconds 7 *int64 ?
ContainerResizePolicy|resourceName 1 string ! t=ResourceName|restartPolicy 2 string ! t=ResourceResizeRestartPolicy
Capabilities|add 1 []string ? l=:atomic t=Capability|drop 2 []string ? l=:atomic t=Capability
ResourceRequirements|limits 1 map:Quantity ? t=ResourceList|requests 2 map:Quantity ? t=ResourceList|claims 3 []ResourceClaim ? l=name
VolumeResourceRequirements|limits 1 map:Quantity ? t=ResourceList|requests 2 map:Quantity ? t=ResourceList
ResourceClaim|name 1 string !|request 2 string ?
Container|name 1 string !|image 2 string ?|command 3 []string ? l=:atomic|args 4 []string ? l=:atomic|workingDir 5 string ?|ports 6 []ContainerPort ? m=containerPort l=containerPort,protocol|envFrom 19 []EnvFromSource ? l=:atomic|env 7 []EnvVar ? m=name l=name|resources 8 ResourceRequirements ?|resizePolicy 23 []ContainerResizePolicy ? l=:atomic|restartPolicy 24 *string ? t=ContainerRestartPolicy|restartPolicyRules 25 []ContainerRestartRule ? l=:atomic|volumeMounts 9 []VolumeMount ? m=mountPath l=mountPath|volumeDevices 21 []VolumeDevice ? m=devicePath l=devicePath|livenessProbe 10 *Probe ?|readinessProbe 11 *Probe ?|startupProbe 22 *Probe ?|lifecycle 12 *Lifecycle ?|terminationMessagePath 13 string ?|terminationMessagePolicy 20 string ? t=TerminationMessagePolicy|imagePullPolicy 14 string ? t=PullPolicy|securityContext 15 *SecurityContext ?|stdin 16 bool ?|stdinOnce 17 bool ?|tty 18 bool ?
ProbeHandler|exec 1 *ExecAction ?|httpGet 2 *HTTPGetAction ?|tcpSocket 3 *TCPSocketAction ?|grpc 4 *GRPCAction ?
LifecycleHandler|exec 1 *ExecAction ?|httpGet 2 *HTTPGetAction ?|tcpSocket 3 *TCPSocketAction ?|sleep 4 *SleepAction ?
Lifecycle|postStart 1 *LifecycleHandler ?|preStop 2 *LifecycleHandler ?|stopSignal 3 *string ? t=Signal
ContainerStateWaiting|reason 1 string ?|message 2 string ?
ContainerStateRunning|startedAt 1 Time ?
ContainerStateTerminated|exitCode 1 int32 !|signal 2 int32 ?|reason 3 string ?|message 4 string ?|startedAt 5 Time ?|finishedAt 6 Time ?|containerID 7 string ?
ContainerState|waiting 1 *ContainerStateWaiting ?|running 2 *ContainerStateRunning ?|terminated 3 *ContainerStateTerminated ?
ContainerStatus|name 1 string !|state 2 ContainerState ?|lastState 3 ContainerState ?|ready 4 bool !|restartCount 5 int32 !|image 6 string !|imageID 7 string !|containerID 8 string ?|started 9 *bool ?|allocatedResources 10 map:Quantity ? t=ResourceList|resources 11 *ResourceRequirements ?|volumeMounts 12 []VolumeMountStatus ? m=mountPath l=mountPath|user 13 *ContainerUser ?|allocatedResourcesStatus 14 []ResourceStatus ? m=name l=name|stopSignal 15 *string ? t=Signal
ResourceStatus|name 1 string ! t=ResourceName|resources 2 []ResourceHealth ? l=resourceID
ResourceHealth|resourceID 1 string ! t=ResourceID|health 2 string ? t=ResourceHealthStatus|message 6 *string ?
ContainerUser|linux 1 *LinuxContainerUser ?
LinuxContainerUser|uid 1 int64 !|gid 2 int64 !|supplementalGroups 3 []int64 ? l=:atomic
PodCondition|type 1 string ! t=PodConditionType|observedGeneration 7 int64 ?|status 2 string ! t=ConditionStatus|lastProbeTime 3 Time ?|lastTransitionTime 4 Time ?|reason 5 string ?|message 6 string ?
VolumeMountStatus|name 1 string !|mountPath 2 string !|readOnly 3 bool ?|recursiveReadOnly 4 *string ? t=RecursiveReadOnlyMode|volumeStatus 5 *VolumeStatus ?
VolumeStatus|image 1 *ImageVolumeStatus ?
ImageVolumeStatus|imageRef 1 string ? !
ContainerRestartRule|action 1 string ? ! t=ContainerRestartRuleAction|exitCodes 2 *ContainerRestartRuleOnExitCodes ?
ContainerRestartRuleOnExitCodes|operator 1 string ? ! t=ContainerRestartRuleOnExitCodesOperator|values 2 []int32 ? l=:set
NodeSelector~|nodeSelectorTerms 1 []NodeSelectorTerm ! l=:atomic
NodeSelectorTerm~|matchExpressions 1 []NodeSelectorRequirement ? l=:atomic|matchFields 2 []NodeSelectorRequirement ? l=:atomic
NodeSelectorRequirement|key 1 string !|operator 2 string ! t=NodeSelectorOperator|values 3 []string ? l=:atomic
TopologySelectorTerm~|matchLabelExpressions 1 []TopologySelectorLabelRequirement ? l=:atomic
TopologySelectorLabelRequirement|key 1 string !|values 2 []string ! l=:atomic
Affinity|nodeAffinity 1 *NodeAffinity ?|podAffinity 2 *PodAffinity ?|podAntiAffinity 3 *PodAntiAffinity ?
PodAffinity|requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm ? l=:atomic|preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm ? l=:atomic
PodAntiAffinity|requiredDuringSchedulingIgnoredDuringExecution 1 []PodAffinityTerm ? l=:atomic|preferredDuringSchedulingIgnoredDuringExecution 2 []WeightedPodAffinityTerm ? l=:atomic
WeightedPodAffinityTerm|weight 1 int32 !|podAffinityTerm 2 PodAffinityTerm !
PodAffinityTerm|labelSelector 1 *meta.LabelSelector ?|namespaces 2 []string ? l=:atomic|topologyKey 3 string !|namespaceSelector 4 *meta.LabelSelector ?|matchLabelKeys 5 []string ? l=:atomic|mismatchLabelKeys 6 []string ? l=:atomic
NodeAffinity|requiredDuringSchedulingIgnoredDuringExecution 1 *NodeSelector ?|preferredDuringSchedulingIgnoredDuringExecution 2 []PreferredSchedulingTerm ? l=:atomic
PreferredSchedulingTerm|weight 1 int32 !|preference 2 NodeSelectorTerm !
Taint|key 1 string !|value 2 string ?|effect 3 string ! t=TaintEffect|timeAdded 4 *Time ?
Toleration|key 1 string ?|operator 2 string ? t=TolerationOperator|value 3 string ?|effect 4 string ? t=TaintEffect|tolerationSeconds 5 *int64 ?
PodReadinessGate|conditionType 1 string ! t=PodConditionType
PodSpec|volumes 1 []Volume ? m=name r l=name|initContainers 20 []Container ? m=name l=name|containers 2 []Container ! m=name l=name|ephemeralContainers 34 []EphemeralContainer ? m=name l=name|restartPolicy 3 string ? t=RestartPolicy|terminationGracePeriodSeconds 4 *int64 ?|activeDeadlineSeconds 5 *int64 ?|dnsPolicy 6 string ? t=DNSPolicy|nodeSelector 7 map:string ? a|serviceAccountName 8 string ?|serviceAccount 9 string ?|automountServiceAccountToken 21 *bool ?|nodeName 10 string ?|hostNetwork 11 bool ?|hostPID 12 bool ?|hostIPC 13 bool ?|shareProcessNamespace 27 *bool ?|securityContext 14 *PodSecurityContext ?|imagePullSecrets 15 []LocalObjectReference ? m=name l=name|hostname 16 string ?|subdomain 17 string ?|affinity 18 *Affinity ?|schedulerName 19 string ?|tolerations 22 []Toleration ? l=:atomic|hostAliases 23 []HostAlias ? m=ip l=ip|priorityClassName 24 string ?|priority 25 *int32 ?|dnsConfig 26 *PodDNSConfig ?|readinessGates 28 []PodReadinessGate ? l=:atomic|runtimeClassName 29 *string ?|enableServiceLinks 30 *bool ?|preemptionPolicy 31 *string ? t=PreemptionPolicy|overhead 32 map:Quantity ? t=ResourceList|topologySpreadConstraints 33 []TopologySpreadConstraint ? m=topologyKey l=topologyKey,whenUnsatisfiable|setHostnameAsFQDN 35 *bool ?|os 36 *PodOS ?|hostUsers 37 *bool ?|schedulingGates 38 []PodSchedulingGate ? m=name l=name|resourceClaims 39 []PodResourceClaim ? m=name r l=name|resources 40 *ResourceRequirements ?|hostnameOverride 41 *string ?|schedulingGroup 43 *PodSchedulingGroup ?
PodResourceClaim|name 1 string !|resourceClaimName 3 *string ?|resourceClaimTemplateName 4 *string ?
PodResourceClaimStatus|name 1 string !|resourceClaimName 2 *string ?
PodExtendedResourceClaimStatus|requestMappings 1 []ContainerExtendedResourceRequest ! l=:atomic|resourceClaimName 2 string !
ContainerExtendedResourceRequest|containerName 1 string !|resourceName 2 string !|requestName 3 string !
PodOS|name 1 string ! t=OSName
PodSchedulingGate|name 1 string !
PodSchedulingGroup|podGroupName 1 *string ?
TopologySpreadConstraint|maxSkew 1 int32 !|topologyKey 2 string !|whenUnsatisfiable 3 string ! t=UnsatisfiableConstraintAction|labelSelector 4 *meta.LabelSelector ?|minDomains 5 *int32 ?|nodeAffinityPolicy 6 *string ? t=NodeInclusionPolicy|nodeTaintsPolicy 7 *string ? t=NodeInclusionPolicy|matchLabelKeys 8 []string ? l=:atomic
HostAlias|ip 1 string !|hostnames 2 []string ? l=:atomic
PodSecurityContext|seLinuxOptions 1 *SELinuxOptions ?|windowsOptions 8 *WindowsSecurityContextOptions ?|runAsUser 2 *int64 ?|runAsGroup 6 *int64 ?|runAsNonRoot 3 *bool ?|supplementalGroups 4 []int64 ? l=:atomic|supplementalGroupsPolicy 12 *string ? t=SupplementalGroupsPolicy|fsGroup 5 *int64 ?|sysctls 7 []Sysctl ? l=:atomic|fsGroupChangePolicy 9 *string ? t=PodFSGroupChangePolicy|seccompProfile 10 *SeccompProfile ?|appArmorProfile 11 *AppArmorProfile ?|seLinuxChangePolicy 13 *string ? t=PodSELinuxChangePolicy
SeccompProfile|type 1 string ! t=SeccompProfileType|localhostProfile 2 *string ?
AppArmorProfile|type 1 string ! t=AppArmorProfileType|localhostProfile 2 *string ?
PodDNSConfig|nameservers 1 []string ? l=:atomic|searches 2 []string ? l=:atomic|options 3 []PodDNSConfigOption ? l=:atomic
PodDNSConfigOption|name 1 string ?|value 2 *string ?
PodIP|ip 1 string !
HostIP|ip 1 string !
EphemeralContainerCommon|name 1 string !|image 2 string ?|command 3 []string ? l=:atomic|args 4 []string ? l=:atomic|workingDir 5 string ?|ports 6 []ContainerPort ? m=containerPort l=containerPort,protocol|envFrom 19 []EnvFromSource ? l=:atomic|env 7 []EnvVar ? m=name l=name|resources 8 ResourceRequirements ?|resizePolicy 23 []ContainerResizePolicy ? l=:atomic|restartPolicy 24 *string ? t=ContainerRestartPolicy|restartPolicyRules 25 []ContainerRestartRule ? l=:atomic|volumeMounts 9 []VolumeMount ? m=mountPath l=mountPath|volumeDevices 21 []VolumeDevice ? m=devicePath l=devicePath|livenessProbe 10 *Probe ?|readinessProbe 11 *Probe ?|startupProbe 22 *Probe ?|lifecycle 12 *Lifecycle ?|terminationMessagePath 13 string ?|terminationMessagePolicy 20 string ? t=TerminationMessagePolicy|imagePullPolicy 14 string ? t=PullPolicy|securityContext 15 *SecurityContext ?|stdin 16 bool ?|stdinOnce 17 bool ?|tty 18 bool ?
EphemeralContainer|EphemeralContainerCommon 1 ^|targetContainerName 2 string ?
PodStatus|observedGeneration 17 int64 ?|phase 1 string ? t=PodPhase|conditions 2 []PodCondition ? m=type l=type|message 3 string ?|reason 4 string ?|nominatedNodeName 11 string ?|hostIP 5 string ?|hostIPs 16 []HostIP ? m=ip l=:atomic|podIP 6 string ?|podIPs 12 []PodIP ? m=ip l=ip|startTime 7 *Time ?|initContainerStatuses 10 []ContainerStatus ? l=:atomic|containerStatuses 8 []ContainerStatus ? l=:atomic|qosClass 9 string ? t=PodQOSClass|ephemeralContainerStatuses 13 []ContainerStatus ? l=:atomic|resize 14 string ? t=PodResizeStatus|resourceClaimStatuses 15 []PodResourceClaimStatus ? m=name r l=name|extendedResourceClaimStatus 18 *PodExtendedResourceClaimStatus ?|allocatedResources 19 map:Quantity ? t=ResourceList|resources 20 *ResourceRequirements ?|nodeAllocatableResourceClaimStatuses 21 []NodeAllocatableResourceClaimStatus ? l=:atomic
@PodStatusResult|metadata 1 meta.ObjectMeta ?|status 2 PodStatus ?
@Pod|metadata 1 meta.ObjectMeta ?|spec 2 PodSpec ?|status 3 PodStatus ?
PodTemplateSpec|metadata 1 meta.ObjectMeta ?|spec 2 PodSpec ?
@PodTemplate|metadata 1 meta.ObjectMeta ?|template 2 PodTemplateSpec ?
ReplicationControllerSpec|replicas 1 *int32 ? d=1|minReadySeconds 4 int32 ? d=0|selector 2 map:string ? a|template 3 *PodTemplateSpec ?
ReplicationControllerStatus|replicas 1 int32 !|fullyLabeledReplicas 2 int32 ?|readyReplicas 4 int32 ?|availableReplicas 5 int32 ?|observedGeneration 3 int64 ?|conditions 6 []ReplicationControllerCondition ? m=type l=type
ReplicationControllerCondition|type 1 string ! t=ReplicationControllerConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 3 Time ?|reason 4 string ?|message 5 string ?
@ReplicationController|metadata 1 meta.ObjectMeta ?|spec 2 ReplicationControllerSpec ?|status 3 ReplicationControllerStatus ?
SessionAffinityConfig|clientIP 1 *ClientIPConfig ?
ClientIPConfig|timeoutSeconds 1 *int32 ?
ServiceStatus|loadBalancer 1 LoadBalancerStatus ?|conditions 2 []meta.Condition ? m=type l=type
LoadBalancerStatus|ingress 1 []LoadBalancerIngress ? l=:atomic
LoadBalancerIngress|ip 1 string ?|hostname 2 string ?|ipMode 3 *string ? t=LoadBalancerIPMode|ports 4 []PortStatus ? l=:atomic
ServiceSpec|ports 1 []ServicePort ? m=port l=port,protocol|selector 2 map:string ? a|clusterIP 3 string ?|clusterIPs 18 []string ? l=:atomic|type 4 string ? t=ServiceType|externalIPs 5 []string ? l=:atomic|sessionAffinity 7 string ? t=ServiceAffinity|loadBalancerIP 8 string ?|loadBalancerSourceRanges 9 []string ? l=:atomic|externalName 10 string ?|externalTrafficPolicy 11 string ? t=ServiceExternalTrafficPolicy|healthCheckNodePort 12 int32 ?|publishNotReadyAddresses 13 bool ?|sessionAffinityConfig 14 *SessionAffinityConfig ?|ipFamilies 19 []string ? l=:atomic t=IPFamily|ipFamilyPolicy 17 *string ? t=IPFamilyPolicy|allocateLoadBalancerNodePorts 20 *bool ?|loadBalancerClass 21 *string ?|internalTrafficPolicy 22 *string ? t=ServiceInternalTrafficPolicy|trafficDistribution 23 *string ?
ServicePort|name 1 string ?|protocol 2 string ? d="TCP" t=Protocol|appProtocol 6 *string ?|port 3 int32 !|targetPort 4 IntOrString ?|nodePort 5 int32 ?
@Service|metadata 1 meta.ObjectMeta ?|spec 2 ServiceSpec ?|status 3 ServiceStatus ?
@ServiceAccount|metadata 1 meta.ObjectMeta ?|secrets 2 []ObjectReference ? m=name l=name|imagePullSecrets 3 []LocalObjectReference ? l=:atomic|automountServiceAccountToken 4 *bool ?
@Endpoints|metadata 1 meta.ObjectMeta ?|subsets 2 []EndpointSubset ? l=:atomic
EndpointSubset|addresses 1 []EndpointAddress ? l=:atomic|notReadyAddresses 2 []EndpointAddress ? l=:atomic|ports 3 []EndpointPort ? l=:atomic
EndpointAddress~|ip 1 string !|hostname 3 string ?|nodeName 4 *string ?|targetRef 2 *ObjectReference ?
EndpointPort~|name 1 string ?|port 2 int32 !|protocol 3 string ? t=Protocol|appProtocol 4 *string ?
NodeSpec|podCIDR 1 string ?|podCIDRs 7 []string ? m l=:set|providerID 3 string ?|unschedulable 4 bool ?|taints 5 []Taint ? l=:atomic|configSource 6 *NodeConfigSource ?|externalID 2 string ?
NodeConfigSource|configMap 2 *ConfigMapNodeConfigSource ?
ConfigMapNodeConfigSource|namespace 1 string !|name 2 string !|uid 3 string ? t=types.UID|resourceVersion 4 string ?|kubeletConfigKey 5 string !
DaemonEndpoint|Port 1 int32 !
NodeDaemonEndpoints|kubeletEndpoint 1 DaemonEndpoint ?
NodeRuntimeHandlerFeatures|recursiveReadOnlyMounts 1 *bool ?|userNamespaces 2 *bool ?
NodeRuntimeHandler|name 1 string|features 2 *NodeRuntimeHandlerFeatures ?
NodeFeatures|supplementalGroupsPolicy 1 *bool ?
NodeSystemInfo|machineID 1 string !|systemUUID 2 string !|bootID 3 string !|kernelVersion 4 string !|osImage 5 string !|containerRuntimeVersion 6 string !|kubeletVersion 7 string !|kubeProxyVersion 8 string !|operatingSystem 9 string !|architecture 10 string !|swap 11 *NodeSwapStatus ?
NodeSwapStatus|capacity 1 *int64 ?
NodeConfigStatus|assigned 1 *NodeConfigSource ?|active 2 *NodeConfigSource ?|lastKnownGood 3 *NodeConfigSource ?|error 4 string ?
NodeStatus|capacity 1 map:Quantity ? t=ResourceList|allocatable 2 map:Quantity ? t=ResourceList|phase 3 string ? t=NodePhase|conditions 4 []NodeCondition ? m=type l=type|addresses 5 []NodeAddress ? m=type l=type|daemonEndpoints 6 NodeDaemonEndpoints ?|nodeInfo 7 NodeSystemInfo ?|images 8 []ContainerImage ? l=:atomic|volumesInUse 9 []string ? l=:atomic t=UniqueVolumeName|volumesAttached 10 []AttachedVolume ? l=:atomic|config 11 *NodeConfigStatus ?|runtimeHandlers 12 []NodeRuntimeHandler ? l=:atomic|features 13 *NodeFeatures ?|declaredFeatures 14 []string ? l=:atomic
AttachedVolume|name 1 string ! t=UniqueVolumeName|devicePath 2 string !
AvoidPods|preferAvoidPods 1 []PreferAvoidPodsEntry ? l=:atomic
PreferAvoidPodsEntry|podSignature 1 PodSignature !|evictionTime 2 Time ?|reason 3 string ?|message 4 string ?
PodSignature|podController 1 *meta.OwnerReference ?
ContainerImage|names 1 []string l=:atomic|sizeBytes 2 int64 ?
NodeCondition|type 1 string ! t=NodeConditionType|status 2 string ! t=ConditionStatus|lastHeartbeatTime 3 Time ?|lastTransitionTime 4 Time ?|reason 5 string ?|message 6 string ?
NodeAddress|type 1 string ! t=NodeAddressType|address 2 string !
@Node|metadata 1 meta.ObjectMeta ?|spec 2 NodeSpec ?|status 3 NodeStatus ?
NamespaceSpec|finalizers 1 []string ? l=:atomic t=FinalizerName
NamespaceStatus|phase 1 string ? t=NamespacePhase|conditions 2 []NamespaceCondition ? m=type l=type
NamespaceCondition|type 1 string ! t=NamespaceConditionType|status 2 string ! t=ConditionStatus|lastTransitionTime 4 Time ?|reason 5 string ?|message 6 string ?
@Namespace|metadata 1 meta.ObjectMeta ?|spec 2 NamespaceSpec ?|status 3 NamespaceStatus ?
@Binding|metadata 1 meta.ObjectMeta ?|target 2 ObjectReference !
Preconditions|uid 1 *string ? t=types.UID
@PodLogOptions|container 1 string ?|follow 2 bool ?|previous 3 bool ?|sinceSeconds 4 *int64 ?|sinceTime 5 *Time ?|timestamps 6 bool ?|tailLines 7 *int64 ?|limitBytes 8 *int64 ?|insecureSkipTLSVerifyBackend 9 bool ?|stream 10 *string ?
@PodAttachOptions|stdin 1 bool ?|stdout 2 bool ?|stderr 3 bool ?|tty 4 bool ?|container 5 string ?
@PodExecOptions|stdin 1 bool ?|stdout 2 bool ?|stderr 3 bool ?|tty 4 bool ?|container 5 string ?|command 6 []string ! l=:atomic
@PodPortForwardOptions|ports 1 []int32 ? l=:atomic
@PodProxyOptions|path 1 string ?
@NodeProxyOptions|path 1 string ?
@ServiceProxyOptions|path 1 string ?
ObjectReference~|kind 1 string ?|namespace 2 string ?|name 3 string ?|uid 4 string ? t=types.UID|apiVersion 5 string ?|resourceVersion 6 string ?|fieldPath 7 string ?
LocalObjectReference~|name 1 string ? d=""
TypedLocalObjectReference~|apiGroup 1 *string|kind 2 string !|name 3 string !
EventSource|component 1 string ?|host 2 string ?
@Event|metadata 1 meta.ObjectMeta !|involvedObject 2 ObjectReference !|reason 3 string ?|message 4 string ?|source 5 EventSource ?|firstTimestamp 6 Time ?|lastTimestamp 7 Time ?|count 8 int32 ?|type 9 string ?|eventTime 10 MicroTime ?|series 11 *EventSeries ?|action 12 string ?|related 13 *ObjectReference ?|reportingComponent 14 string|reportingInstance 15 string
EventSeries|count 1 int32 ?|lastObservedTime 2 MicroTime ?
LimitRangeItem|type 1 string ! t=LimitType|max 2 map:Quantity ? t=ResourceList|min 3 map:Quantity ? t=ResourceList|default 4 map:Quantity ? t=ResourceList|defaultRequest 5 map:Quantity ? t=ResourceList|maxLimitRequestRatio 6 map:Quantity ? t=ResourceList
LimitRangeSpec|limits 1 []LimitRangeItem ! l=:atomic
@LimitRange|metadata 1 meta.ObjectMeta ?|spec 2 LimitRangeSpec ?
ResourceQuotaSpec|hard 1 map:Quantity ? t=ResourceList|scopes 2 []string ? l=:atomic t=ResourceQuotaScope|scopeSelector 3 *ScopeSelector ?
ScopeSelector~|matchExpressions 1 []ScopedResourceSelectorRequirement ? l=:atomic
ScopedResourceSelectorRequirement|scopeName 1 string ! t=ResourceQuotaScope|operator 2 string ! t=ScopeSelectorOperator|values 3 []string ? l=:atomic
ResourceQuotaStatus|hard 1 map:Quantity ? t=ResourceList|used 2 map:Quantity ? t=ResourceList
@ResourceQuota|metadata 1 meta.ObjectMeta ?|spec 2 ResourceQuotaSpec ?|status 3 ResourceQuotaStatus ?
@Secret|metadata 1 meta.ObjectMeta ?|immutable 5 *bool ?|data 2 map:bytes ?|stringData 4 map:string ?|type 3 string ? t=SecretType
@ConfigMap|metadata 1 meta.ObjectMeta ?|immutable 4 *bool ?|data 2 map:string ?|binaryData 3 map:bytes ?
ComponentCondition|type 1 string ! t=ComponentConditionType|status 2 string ! t=ConditionStatus|message 3 string ?|error 4 string ?
@ComponentStatus|metadata 1 meta.ObjectMeta ?|conditions 2 []ComponentCondition ? m=type l=type
DownwardAPIVolumeSource|items 1 []DownwardAPIVolumeFile ? l=:atomic|defaultMode 2 *int32 ?
DownwardAPIVolumeFile|path 1 string !|fieldRef 2 *ObjectFieldSelector ?|resourceFieldRef 3 *ResourceFieldSelector ?|mode 4 *int32 ?
DownwardAPIProjection|items 1 []DownwardAPIVolumeFile ? l=:atomic
SecurityContext|capabilities 1 *Capabilities ?|privileged 2 *bool ?|seLinuxOptions 3 *SELinuxOptions ?|windowsOptions 10 *WindowsSecurityContextOptions ?|runAsUser 4 *int64 ?|runAsGroup 8 *int64 ?|runAsNonRoot 5 *bool ?|readOnlyRootFilesystem 6 *bool ?|allowPrivilegeEscalation 7 *bool ?|procMount 9 *string ? t=ProcMountType|seccompProfile 11 *SeccompProfile ?|appArmorProfile 12 *AppArmorProfile ?
SELinuxOptions|user 1 string ?|role 2 string ?|type 3 string ?|level 4 string ?
WindowsSecurityContextOptions|gmsaCredentialSpecName 1 *string ?|gmsaCredentialSpec 2 *string ?|runAsUserName 3 *string ?|hostProcess 4 *bool ?
Sysctl|name 1 string !|value 2 string !
PortStatus|port 1 int32 !|protocol 2 string ! t=Protocol|error 3 *string ?
ImageVolumeSource|reference 1 string ?|pullPolicy 2 string ? t=PullPolicy
NodeAllocatableResourceClaimStatus|resourceClaimName 1 string !|containers 2 []string ? l=:set|resources 3 map:Quantity !
`;
