/**
 * Values of which a field has one, where its declaration says so: what clients offer and explain. What is accepted is
 * another matter, see kinds/. Source: API reference of Kubernetes 1.36, "Possible enum values".
 */

/** Of Linux, with the ones in real time counted from both ends. */
const SIGNALS = [
  ...'ABRT ALRM BUS CHLD CLD CONT FPE HUP ILL INT IO IOT KILL PIPE POLL PROF PWR QUIT RTMAX'.split(' '),
  ...numbered('RTMAX-', 14),
  'RTMIN',
  ...numbered('RTMIN+', 15),
  ...'SEGV STKFLT STOP SYS TERM TRAP TSTP TTIN TTOU URG USR1 USR2 VTALRM WINCH XCPU XFSZ'.split(' '),
].map((name) => `SIG${name}`);

function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}${index + 1}`).sort();
}

/** One type per line: `type|field=value,value`. */
const TABLE = `
admissionregistration.MatchResources|matchPolicy=Equivalent,Exact
admissionregistration.MutatingAdmissionPolicySpec|failurePolicy=Fail,Ignore|reinvocationPolicy=IfNeeded,Never
admissionregistration.MutatingWebhook|failurePolicy=Fail,Ignore|matchPolicy=Equivalent,Exact|reinvocationPolicy=IfNeeded,Never|sideEffects=None,NoneOnDryRun,Some,Unknown
admissionregistration.Mutation|patchType=ApplyConfiguration,JSONPatch
admissionregistration.NamedRuleWithOperations|operations=*,CONNECT,CREATE,DELETE,UPDATE|scope=*,Cluster,Namespaced
admissionregistration.RuleWithOperations|operations=*,CONNECT,CREATE,DELETE,UPDATE|scope=*,Cluster,Namespaced
admissionregistration.ValidatingAdmissionPolicyBindingSpec|validationActions=Audit,Deny,Warn
admissionregistration.ValidatingAdmissionPolicySpec|failurePolicy=Fail,Ignore
admissionregistration.ValidatingWebhook|failurePolicy=Fail,Ignore|matchPolicy=Equivalent,Exact|sideEffects=None,NoneOnDryRun,Some,Unknown
apiextensions.ValidationRule|reason=FieldValueDuplicate,FieldValueForbidden,FieldValueInvalid,FieldValueRequired
apps.DaemonSetUpdateStrategy|type=OnDelete,RollingUpdate
apps.DeploymentStrategy|type=Recreate,RollingUpdate
apps.StatefulSetSpec|podManagementPolicy=OrderedReady,Parallel
apps.StatefulSetUpdateStrategy|type=OnDelete,RollingUpdate
batch.CronJobSpec|concurrencyPolicy=Allow,Forbid,Replace
batch.JobSpec|completionMode=Indexed,NonIndexed|podReplacementPolicy=Failed,TerminatingOrFailed
batch.PodFailurePolicyOnExitCodesRequirement|operator=In,NotIn
batch.PodFailurePolicyRule|action=Count,FailIndex,FailJob,Ignore
certificates.CertificateSigningRequestSpec|usages=any,cert sign,client auth,code signing,content commitment,crl sign,data encipherment,decipher only,digital signature,email protection,encipher only,ipsec end system,ipsec tunnel,ipsec user,key agreement,key encipherment,microsoft sgc,netscape sgc,ocsp signing,s/mime,server auth,signing,timestamping
core.AppArmorProfile|type=Localhost,RuntimeDefault,Unconfined
core.AzureDiskVolumeSource|cachingMode=None,ReadOnly,ReadWrite|kind=Dedicated,Managed,Shared
core.Container|imagePullPolicy=Always,IfNotPresent,Never|terminationMessagePolicy=FallbackToLogsOnError,File
core.ContainerPort|protocol=SCTP,TCP,UDP
core.ContainerStatus|stopSignal=SIGNALS
core.EndpointPort|protocol=SCTP,TCP,UDP
core.EphemeralContainer|imagePullPolicy=Always,IfNotPresent,Never|terminationMessagePolicy=FallbackToLogsOnError,File
core.HTTPGetAction|scheme=HTTP,HTTPS
core.HostPathVolumeSource|type=,BlockDevice,CharDevice,Directory,DirectoryOrCreate,File,FileOrCreate,Socket
core.ImageVolumeSource|pullPolicy=Always,IfNotPresent,Never
core.Lifecycle|stopSignal=SIGNALS
core.ModifyVolumeStatus|status=InProgress,Infeasible,Pending
core.NamespaceStatus|phase=Active,Terminating
core.NodeSelectorRequirement|operator=DoesNotExist,Exists,Gt,In,Lt,NotIn
core.NodeStatus|phase=Pending,Running,Terminated
core.PersistentVolumeClaimSpec|accessModes=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod|volumeMode=Block,Filesystem
core.PersistentVolumeClaimStatus|accessModes=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod|phase=Bound,Lost,Pending|allocatedResourceStatuses=ControllerResizeInProgress,ControllerResizeInfeasible,NodeResizeInProgress,NodeResizeInfeasible,NodeResizePending
core.PersistentVolumeSpec|accessModes=ReadOnlyMany,ReadWriteMany,ReadWriteOnce,ReadWriteOncePod|persistentVolumeReclaimPolicy=Delete,Recycle,Retain|volumeMode=Block,Filesystem
core.PersistentVolumeStatus|phase=Available,Bound,Failed,Pending,Released
core.PodSecurityContext|fsGroupChangePolicy=Always,OnRootMismatch|supplementalGroupsPolicy=Merge,Strict
core.PodSpec|dnsPolicy=ClusterFirst,ClusterFirstWithHostNet,Default,None|preemptionPolicy=Never,PreemptLowerPriority|restartPolicy=Always,Never,OnFailure
core.PodStatus|phase=Failed,Pending,Running,Succeeded,Unknown|qosClass=BestEffort,Burstable,Guaranteed
core.PortStatus|protocol=SCTP,TCP,UDP
core.ResourceQuotaSpec|scopes=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass
core.ScopedResourceSelectorRequirement|operator=DoesNotExist,Exists,In,NotIn|scopeName=BestEffort,CrossNamespacePodAffinity,NotBestEffort,NotTerminating,PriorityClass,Terminating,VolumeAttributesClass
core.SeccompProfile|type=Localhost,RuntimeDefault,Unconfined
core.SecurityContext|procMount=Default,Unmasked
core.ServicePort|protocol=SCTP,TCP,UDP
core.ServiceSpec|externalTrafficPolicy=Cluster,Local|internalTrafficPolicy=Cluster,Local|ipFamilies=,IPv4,IPv6|ipFamilyPolicy=PreferDualStack,RequireDualStack,SingleStack|sessionAffinity=ClientIP,None|type=ClusterIP,ExternalName,LoadBalancer,NodePort
core.Taint|effect=NoExecute,NoSchedule,PreferNoSchedule
core.Toleration|effect=NoExecute,NoSchedule,PreferNoSchedule|operator=Equal,Exists,Gt,Lt
core.TopologySpreadConstraint|nodeAffinityPolicy=Honor,Ignore|nodeTaintsPolicy=Honor,Ignore|whenUnsatisfiable=DoNotSchedule,ScheduleAnyway
core.VolumeMount|mountPropagation=Bidirectional,HostToContainer,None
discovery.EndpointPort|protocol=SCTP,TCP,UDP
discovery.EndpointSlice|addressType=FQDN,IPv4,IPv6
networking.HTTPIngressPath|pathType=Exact,ImplementationSpecific,Prefix
networking.IngressPortStatus|protocol=SCTP,TCP,UDP
networking.NetworkPolicyPort|protocol=SCTP,TCP,UDP
networking.NetworkPolicySpec|policyTypes=Egress,Ingress
policy.PodDisruptionBudgetSpec|unhealthyPodEvictionPolicy=AlwaysAllow,IfHealthyBudget
resource.DeviceAllocationConfiguration|source=FromClaim,FromClass
resource.DeviceSubRequest|allocationMode=All,ExactCount
resource.DeviceTaint|effect=NoExecute,NoSchedule,None
resource.DeviceToleration|effect=NoExecute,NoSchedule,None|operator=Equal,Exists
resource.ExactDeviceRequest|allocationMode=All,ExactCount
scheduling.PriorityClass|preemptionPolicy=Never,PreemptLowerPriority
storage.StorageClass|reclaimPolicy=Delete,Recycle,Retain|volumeBindingMode=Immediate,WaitForFirstConsumer
`;

const types = new Map<string, ReadonlyMap<string, readonly string[]>>(
  TABLE.trim()
    .split('\n')
    .map((line) => {
      const [type = '', ...fields] = line.split('|');
      return [type, new Map(fields.map((field) => valuesOf(field)))];
    }),
);

function valuesOf(field: string): [name: string, values: readonly string[]] {
  const at = field.indexOf('=');
  const values = field.slice(at + 1);
  return [field.slice(0, at), values === 'SIGNALS' ? SIGNALS : values.split(',')];
}

/** Of a field of a type by id (`core.Container`). */
export function enumOf(type: string, field: string): readonly string[] | undefined {
  return types.get(type)?.get(field);
}
