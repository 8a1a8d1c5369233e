/**
 * What describes the columns of built-in kinds that do not say it themselves: the documentation of a field (its type and
 * name), or behind `=` a text of the printer's own. Read when a table is asked for. Source: printers of kube-apiserver 1.36.
 */
import { fieldDescription } from '../openapi/texts.ts';

const DESCRIPTIONS = `
apiservices
  Service: = The reference to the service that hosts this API endpoint.
  Available: = Whether this service is available.
certificatesigningrequests
  SignerName: = Requested signer for the request. It is a qualified name in the form: \`scope-hostname.io/name\`. If empty, it will be defaulted:\\n 1. If it's a kubelet client certificate, it is assigned\\n    \\"kubernetes.io/kube-apiserver-client-kubelet\\".\\n 2. If it's a kubelet serving certificate, it is assigned\\n    \\"kubernetes.io/kubelet-serving\\".\\n 3. Otherwise, it is assigned \\"kubernetes.io/legacy-unknown\\".\\nDistribution of trust for signers happens out of band. You can select on this field using \`spec.signerName\`.
  Requestor: = Base64-encoded PKCS#10 CSR data
  RequestedDuration: certificates.CertificateSigningRequestSpec expirationSeconds
  Condition: = Conditions applied to the request, such as approval or denial.
clusterrolebindings
  Role: = RoleRef can only reference a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.
componentstatuses
  Status: = Status of the component conditions
  Message: = Message of the component conditions
  Error: = Error of the component conditions
controllerrevisions
  Controller: = Controller of the object
  Revision: apps.ControllerRevision revision
cronjobs
  Selector: batch.JobSpec selector
csidrivers
  AttachRequired: storage.CSIDriverSpec attachRequired
  PodInfoOnMount: storage.CSIDriverSpec podInfoOnMount
  StorageCapacity: storage.CSIDriverSpec storageCapacity
  TokenRequests: storage.CSIDriverSpec tokenRequests
  RequiresRepublish: storage.CSIDriverSpec requiresRepublish
  Modes: storage.CSIDriverSpec volumeLifecycleModes
csinodes
  Drivers: = Drivers indicates the number of CSI drivers registered on the node
daemonsets
  Desired: apps.DaemonSetStatus desiredNumberScheduled
  Current: apps.DaemonSetStatus currentNumberScheduled
  Ready: apps.DaemonSetStatus numberReady
  Up-to-date: apps.DaemonSetStatus updatedNumberScheduled
  Available: apps.DaemonSetStatus numberAvailable
  Node Selector: core.PodSpec nodeSelector
endpoints
  Endpoints: core.Endpoints subsets
endpointslices
  AddressType: discovery.EndpointSlice addressType
  Ports: discovery.EndpointSlice ports
  Endpoints: discovery.EndpointSlice endpoints
events
  Last Seen: core.Event lastTimestamp
  Type: core.Event type
  Reason: core.Event reason
  Object: core.Event involvedObject
  Subobject: core.ObjectReference fieldPath
  Source: core.Event source
  Message: core.Event message
  First Seen: core.Event firstTimestamp
  Count: core.Event count
  Name: meta.ObjectMeta name
flowschemas
  PriorityLevel: flowcontrol.PriorityLevelConfigurationReference name
  MatchingPrecedence: flowcontrol.FlowSchemaSpec matchingPrecedence
  DistinguisherMethod: flowcontrol.FlowSchemaSpec distinguisherMethod
  MissingPL: = references a broken or non-existent PriorityLevelConfiguration
horizontalpodautoscalers
  Reference: autoscalingv2.HorizontalPodAutoscalerSpec scaleTargetRef
  Targets: autoscalingv2.HorizontalPodAutoscalerSpec metrics
  MinPods: autoscalingv1.HorizontalPodAutoscalerSpec minReplicas
  MaxPods: autoscalingv2.HorizontalPodAutoscalerSpec maxReplicas
  Replicas: autoscalingv2.HorizontalPodAutoscalerStatus currentReplicas
ipaddresses
  ParentRef: networking.IPAddressSpec parentRef
leases
  Holder: coordination.LeaseSpec holderIdentity
networkpolicies
  Pod-Selector: networking.NetworkPolicySpec podSelector
persistentvolumes
  Capacity: core.PersistentVolumeSpec capacity
  Access Modes: core.PersistentVolumeSpec accessModes
  Reclaim Policy: core.PersistentVolumeSpec persistentVolumeReclaimPolicy
  Status: core.PersistentVolumeStatus phase
  Claim: core.PersistentVolumeSpec claimRef
  StorageClass: = StorageClass of the pv
  VolumeAttributesClass: = VolumeAttributesClass of the pv
  Reason: core.PersistentVolumeStatus reason
  VolumeMode: core.PersistentVolumeSpec volumeMode
poddisruptionbudgets
  Min Available: = The minimum number of pods that must be available.
  Max Unavailable: = The maximum number of pods that may be unavailable.
  Allowed Disruptions: = Calculated number of pods that may be disrupted at this time.
podtemplates
  Pod Labels: = The labels for the pod template.
prioritylevelconfigurations
  Type: flowcontrol.PriorityLevelConfigurationSpec type
  NominalConcurrencyShares: flowcontrol.LimitedPriorityLevelConfiguration nominalConcurrencyShares
  Queues: flowcontrol.QueuingConfiguration queues
  HandSize: flowcontrol.QueuingConfiguration handSize
  QueueLengthLimit: flowcontrol.QueuingConfiguration queueLengthLimit
replicationcontrollers
  Desired: core.ReplicationControllerSpec replicas
  Current: core.ReplicationControllerStatus replicas
  Ready: core.ReplicationControllerStatus readyReplicas
  Selector: core.ReplicationControllerSpec selector
resourceclaims
  State: = A summary of the current state (allocated, pending, reserved, etc.).
resourcequotas
  Request: = Request represents a minimum amount of cpu/memory that a container may consume.
  Limit: = Limits control the maximum amount of cpu/memory that a container may use independent of contention on the node.
resourceslices
  Node: resource.ResourceSliceSpec nodeName
  Driver: resource.ResourceSliceSpec driver
  Pool: resource.ResourcePool name
rolebindings
  Role: = RoleRef can reference a Role in the current namespace or a ClusterRole in the global namespace. If the RoleRef cannot be resolved, the Authorizer must return an error.
servicecidrs
  CIDRs: networking.ServiceCIDRSpec cidrs
storageclasses
  Provisioner: storage.StorageClass provisioner
  ReclaimPolicy: storage.StorageClass reclaimPolicy
  VolumeBindingMode: storage.StorageClass volumeBindingMode
  AllowVolumeExpansion: storage.StorageClass allowVolumeExpansion
volumeattachments
  Attacher: storage.VolumeAttachmentSpec attacher
  PV: storage.VolumeAttachmentSource persistentVolumeName
  Node: storage.VolumeAttachmentSpec nodeName
  Attached: storage.VolumeAttachmentStatus attached
volumeattributesclasses
  DriverName: storage.VolumeAttributesClass driverName
`;

let read: Map<string, string> | null = null;

/** Empty where nothing describes the column. */
export function columnDescription(resource: string, column: string): string {
  read ??= places();
  const place = read.get(`${resource} ${column}`) ?? '';
  if (place.startsWith('= ')) return JSON.parse(`"${place.slice(2)}"`) as string;
  const [type = '', field = ''] = place.split(' ');
  return place === '' ? '' : fieldDescription(type, field);
}

function places(): Map<string, string> {
  const found = new Map<string, string>();
  let resource = '';
  for (const line of DESCRIPTIONS.split('\n')) {
    const [, column, place] = /^ {2}([^:]+): (.+)$/.exec(line) ?? [];
    if (column === undefined) resource = line;
    else found.set(`${resource} ${column}`, place!);
  }
  return found;
}
