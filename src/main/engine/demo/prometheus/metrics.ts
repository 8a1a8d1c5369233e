/** Type and help of every metric served: what `/api/v1/metadata` answers. */
import type { MetricInfo } from './types.ts';

const TEXT = `
up gauge Whether the last scrape of the target succeeded.
apiserver_request_total counter Counter of apiserver requests broken out for each verb, resource, scope and HTTP response code.
apiserver_request_duration_seconds histogram Response latency distribution in seconds for each verb, resource and scope.
container_cpu_usage_seconds_total counter Cumulative cpu time consumed in seconds.
container_memory_rss gauge Size of RSS in bytes.
container_memory_usage_bytes gauge Current memory usage in bytes, including all memory regardless of when it was accessed.
container_memory_working_set_bytes gauge Current working set in bytes.
container_network_receive_bytes_total counter Cumulative count of bytes received.
container_network_transmit_bytes_total counter Cumulative count of bytes transmitted.
container_start_time_seconds gauge Start time of the container since unix epoch in seconds.
kube_cronjob_created gauge Unix creation timestamp.
kube_cronjob_spec_suspend gauge Whether the controller is suspended.
kube_cronjob_status_active gauge Active jobs of the cronjob.
kube_cronjob_status_last_schedule_time gauge When the cronjob was last successfully scheduled.
kube_daemonset_created gauge Unix creation timestamp.
kube_daemonset_status_current_number_scheduled gauge Nodes that run at least one daemon pod and are supposed to.
kube_daemonset_status_desired_number_scheduled gauge Nodes that should be running the daemon pod.
kube_daemonset_status_number_available gauge Nodes with a daemon pod running and available.
kube_daemonset_status_number_misscheduled gauge Nodes that run a daemon pod but are not supposed to.
kube_daemonset_status_number_ready gauge Nodes with a daemon pod running and ready.
kube_daemonset_status_number_unavailable gauge Nodes with no daemon pod available.
kube_daemonset_status_updated_number_scheduled gauge Nodes that run the updated daemon pod.
kube_deployment_created gauge Unix creation timestamp.
kube_deployment_metadata_generation gauge Sequence number representing a specific generation of the desired state.
kube_deployment_spec_paused gauge Whether the deployment is paused.
kube_deployment_spec_replicas gauge Number of desired pods for a deployment.
kube_deployment_status_condition gauge The current status conditions of a deployment.
kube_deployment_status_observed_generation gauge The generation observed by the deployment controller.
kube_deployment_status_replicas gauge The number of replicas per deployment.
kube_deployment_status_replicas_available gauge The number of available replicas per deployment.
kube_deployment_status_replicas_ready gauge The number of ready replicas per deployment.
kube_deployment_status_replicas_unavailable gauge The number of unavailable replicas per deployment.
kube_deployment_status_replicas_updated gauge The number of updated replicas per deployment.
kube_horizontalpodautoscaler_spec_max_replicas gauge Upper limit for the number of pods.
kube_horizontalpodautoscaler_spec_min_replicas gauge Lower limit for the number of pods.
kube_horizontalpodautoscaler_status_condition gauge The condition of this autoscaler.
kube_horizontalpodautoscaler_status_current_replicas gauge Current number of replicas of pods.
kube_horizontalpodautoscaler_status_desired_replicas gauge Desired number of replicas of pods.
kube_job_complete gauge The job has completed its execution.
kube_job_created gauge Unix creation timestamp.
kube_job_failed gauge The job has failed its execution.
kube_job_status_active gauge The number of actively running pods.
kube_job_status_failed gauge The number of pods which reached Phase Failed.
kube_job_status_succeeded gauge The number of pods which reached Phase Succeeded.
kube_node_created gauge Unix creation timestamp.
kube_node_info gauge Information about a cluster node.
kube_node_role gauge The role of a cluster node.
kube_node_spec_taint gauge The taint of a cluster node.
kube_node_spec_unschedulable gauge Whether a node can schedule new pods.
kube_node_status_allocatable gauge The allocatable for different resources of a node.
kube_node_status_capacity gauge The capacity for different resources of a node.
kube_node_status_condition gauge The condition of a cluster node.
kube_persistentvolumeclaim_info gauge Information about a persistent volume claim.
kube_persistentvolumeclaim_resource_requests_storage_bytes gauge The capacity of storage requested.
kube_persistentvolumeclaim_status_phase gauge The phase the persistent volume claim is currently in.
kube_pod_container_info gauge Information about a container in a pod.
kube_pod_container_resource_limits gauge The number of requested limit resource by a container.
kube_pod_container_resource_requests gauge The number of requested request resource by a container.
kube_pod_container_status_last_terminated_reason gauge The last reason the container was in terminated state.
kube_pod_container_status_ready gauge Whether the container's readiness check succeeded.
kube_pod_container_status_restarts_total counter The number of container restarts per container.
kube_pod_container_status_running gauge Whether the container is currently in running state.
kube_pod_container_status_terminated gauge Whether the container is currently in terminated state.
kube_pod_container_status_terminated_reason gauge The reason the container is currently in terminated state.
kube_pod_container_status_waiting gauge Whether the container is currently in waiting state.
kube_pod_container_status_waiting_reason gauge The reason the container is currently in waiting state.
kube_pod_created gauge Unix creation timestamp.
kube_pod_info gauge Information about pod.
kube_pod_owner gauge Information about the Pod's owner.
kube_pod_start_time gauge Start time in unix timestamp for a pod.
kube_pod_status_phase gauge The pods current phase.
kube_pod_status_ready gauge Whether the pod is ready to serve requests.
kube_pod_status_scheduled gauge The status of the scheduling process for the pod.
kube_replicaset_owner gauge Information about the ReplicaSet's owner.
kube_replicaset_spec_replicas gauge Number of desired pods for a ReplicaSet.
kube_replicaset_status_observed_generation gauge The generation observed by the ReplicaSet controller.
kube_replicaset_status_ready_replicas gauge The number of ready replicas per ReplicaSet.
kube_replicaset_status_replicas gauge The number of replicas per ReplicaSet.
kube_service_info gauge Information about service.
kube_service_spec_type gauge Type about service.
kube_statefulset_created gauge Unix creation timestamp.
kube_statefulset_metadata_generation gauge Sequence number representing a specific generation of the desired state.
kube_statefulset_replicas gauge Number of desired pods for a StatefulSet.
kube_statefulset_status_observed_generation gauge The generation observed by the StatefulSet controller.
kube_statefulset_status_replicas gauge The number of replicas per StatefulSet.
kube_statefulset_status_replicas_available gauge The number of available replicas per StatefulSet.
kube_statefulset_status_replicas_current gauge The number of current replicas per StatefulSet.
kube_statefulset_status_replicas_ready gauge The number of ready replicas per StatefulSet.
kube_statefulset_status_replicas_updated gauge The number of updated replicas per StatefulSet.
kubernetes_build_info gauge Build information of the API server.
machine_cpu_cores gauge Number of logical CPU cores.
machine_memory_bytes gauge Amount of memory installed on the machine.
node_boot_time_seconds gauge Node boot time, in unixtime.
node_cpu_seconds_total counter Seconds the CPUs spent in each mode.
node_filesystem_avail_bytes gauge Filesystem space available to non-root users in bytes.
node_filesystem_free_bytes gauge Filesystem free space in bytes.
node_filesystem_size_bytes gauge Filesystem size in bytes.
node_load1 gauge 1m load average.
node_load15 gauge 15m load average.
node_load5 gauge 5m load average.
node_memory_Buffers_bytes gauge Memory information field Buffers_bytes.
node_memory_Cached_bytes gauge Memory information field Cached_bytes.
node_memory_MemAvailable_bytes gauge Memory information field MemAvailable_bytes.
node_memory_MemFree_bytes gauge Memory information field MemFree_bytes.
node_memory_MemTotal_bytes gauge Memory information field MemTotal_bytes.
node_network_receive_bytes_total counter Network device statistic receive_bytes.
node_network_transmit_bytes_total counter Network device statistic transmit_bytes.
process_start_time_seconds gauge Start time of the process since unix epoch in seconds.
prometheus_build_info gauge Build information of Prometheus.
`;

export const METRICS: readonly MetricInfo[] = TEXT.trim()
  .split('\n')
  .map((line) => {
    const [name = '', type = 'gauge', ...help] = line.split(' ');
    return { name, type: type as MetricInfo['type'], help: help.join(' ') };
  });
