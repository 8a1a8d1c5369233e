/** Type and help of every metric served: what `/api/v1/metadata` answers. */
import type { MetricInfo } from './types.ts';

const TEXT = `
apiserver_request_duration_seconds histogram Response latency distribution in seconds for each verb, resource and scope.
apiserver_request_total counter Counter of apiserver requests broken out for each verb, resource, scope and HTTP response code.
container_cpu_cfs_periods_total counter Number of elapsed enforcement period intervals.
container_cpu_cfs_throttled_periods_total counter Number of throttled period intervals.
container_cpu_cfs_throttled_seconds_total counter Total time duration the container has been throttled.
container_cpu_system_seconds_total counter Cumulative system cpu time consumed in seconds.
container_cpu_usage_seconds_total counter Cumulative cpu time consumed in seconds.
container_cpu_user_seconds_total counter Cumulative user cpu time consumed in seconds.
container_file_descriptors gauge Number of open file descriptors for the container.
container_fs_reads_bytes_total counter Cumulative count of bytes read.
container_fs_reads_total counter Cumulative count of reads completed.
container_fs_usage_bytes gauge Number of bytes that are consumed by the container on this filesystem.
container_fs_writes_bytes_total counter Cumulative count of bytes written.
container_fs_writes_total counter Cumulative count of writes completed.
container_last_seen gauge Last time a container was seen by the exporter.
container_memory_cache gauge Number of bytes of page cache memory.
container_memory_failcnt counter Number of memory usage hits limits.
container_memory_max_usage_bytes gauge Maximum memory usage recorded in bytes.
container_memory_rss gauge Size of RSS in bytes.
container_memory_swap gauge Container swap usage in bytes.
container_memory_usage_bytes gauge Current memory usage in bytes, including all memory regardless of when it was accessed.
container_memory_working_set_bytes gauge Current working set in bytes.
container_network_receive_bytes_total counter Cumulative count of bytes received.
container_network_receive_errors_total counter Cumulative count of errors encountered while receiving.
container_network_receive_packets_dropped_total counter Cumulative count of packets dropped while receiving.
container_network_receive_packets_total counter Cumulative count of packets received.
container_network_transmit_bytes_total counter Cumulative count of bytes transmitted.
container_network_transmit_errors_total counter Cumulative count of errors encountered while transmitting.
container_network_transmit_packets_dropped_total counter Cumulative count of packets dropped while transmitting.
container_network_transmit_packets_total counter Cumulative count of packets transmitted.
container_oom_events_total counter Count of out of memory events observed for the container.
container_processes gauge Number of processes running inside the container.
container_spec_cpu_period gauge CPU period of the container.
container_spec_cpu_quota gauge CPU quota of the container.
container_spec_cpu_shares gauge CPU share of the container.
container_spec_memory_limit_bytes gauge Memory limit for the container.
container_start_time_seconds gauge Start time of the container since unix epoch in seconds.
container_threads gauge Number of threads running inside the container.
kube_cronjob_created gauge Unix creation timestamp.
kube_cronjob_info gauge Info about cronjob.
kube_cronjob_spec_suspend gauge Whether the controller is suspended.
kube_cronjob_status_active gauge Active jobs of the cronjob.
kube_cronjob_status_last_schedule_time gauge When the cronjob was last successfully scheduled.
kube_cronjob_status_last_successful_time gauge When the cronjob last completed successfully.
kube_daemonset_created gauge Unix creation timestamp.
kube_daemonset_metadata_generation gauge Sequence number representing a specific generation of the desired state.
kube_daemonset_status_current_number_scheduled gauge Nodes that run at least one daemon pod and are supposed to.
kube_daemonset_status_desired_number_scheduled gauge Nodes that should be running the daemon pod.
kube_daemonset_status_number_available gauge Nodes with a daemon pod running and available.
kube_daemonset_status_number_misscheduled gauge Nodes that run a daemon pod but are not supposed to.
kube_daemonset_status_number_ready gauge Nodes with a daemon pod running and ready.
kube_daemonset_status_number_unavailable gauge Nodes with no daemon pod available.
kube_daemonset_status_observed_generation gauge The most recent generation observed by the daemon set controller.
kube_daemonset_status_updated_number_scheduled gauge Nodes that run the updated daemon pod.
kube_deployment_created gauge Unix creation timestamp.
kube_deployment_metadata_generation gauge Sequence number representing a specific generation of the desired state.
kube_deployment_spec_paused gauge Whether the deployment is paused.
kube_deployment_spec_replicas gauge Number of desired pods for a deployment.
kube_deployment_spec_strategy_rollingupdate_max_surge gauge Replicas that can be scheduled above the desired number during a rolling update.
kube_deployment_spec_strategy_rollingupdate_max_unavailable gauge Replicas that can be unavailable during a rolling update.
kube_deployment_status_condition gauge The current status conditions of a deployment.
kube_deployment_status_observed_generation gauge The generation observed by the deployment controller.
kube_deployment_status_replicas gauge The number of replicas per deployment.
kube_deployment_status_replicas_available gauge The number of available replicas per deployment.
kube_deployment_status_replicas_ready gauge The number of ready replicas per deployment.
kube_deployment_status_replicas_unavailable gauge The number of unavailable replicas per deployment.
kube_deployment_status_replicas_updated gauge The number of updated replicas per deployment.
kube_horizontalpodautoscaler_info gauge Information about this autoscaler.
kube_horizontalpodautoscaler_metadata_generation gauge The generation observed by the HorizontalPodAutoscaler controller.
kube_horizontalpodautoscaler_spec_max_replicas gauge Upper limit for the number of pods.
kube_horizontalpodautoscaler_spec_min_replicas gauge Lower limit for the number of pods.
kube_horizontalpodautoscaler_status_condition gauge The condition of this autoscaler.
kube_horizontalpodautoscaler_status_current_replicas gauge Current number of replicas of pods.
kube_horizontalpodautoscaler_status_desired_replicas gauge Desired number of replicas of pods.
kube_job_complete gauge The job has completed its execution.
kube_job_created gauge Unix creation timestamp.
kube_job_failed gauge The job has failed its execution.
kube_job_info gauge Information about job.
kube_job_owner gauge Information about the Job's owner.
kube_job_spec_active_deadline_seconds gauge The duration in seconds that the job may be active.
kube_job_spec_completions gauge The desired number of successfully finished pods.
kube_job_spec_parallelism gauge The maximum desired number of pods the job should run at any given time.
kube_job_status_active gauge The number of actively running pods.
kube_job_status_completion_time gauge When the job was completed.
kube_job_status_failed gauge The number of pods which reached Phase Failed.
kube_job_status_start_time gauge When the job was acknowledged by the job controller.
kube_job_status_succeeded gauge The number of pods which reached Phase Succeeded.
kube_namespace_created gauge Unix creation timestamp.
kube_namespace_status_phase gauge Kubernetes namespace status phase.
kube_node_created gauge Unix creation timestamp.
kube_node_info gauge Information about a cluster node.
kube_node_role gauge The role of a cluster node.
kube_node_spec_taint gauge The taint of a cluster node.
kube_node_spec_unschedulable gauge Whether a node can schedule new pods.
kube_node_status_addresses gauge Node address information.
kube_node_status_allocatable gauge The allocatable for different resources of a node.
kube_node_status_capacity gauge The capacity for different resources of a node.
kube_node_status_condition gauge The condition of a cluster node.
kube_persistentvolume_capacity_bytes gauge Persistentvolume capacity in bytes.
kube_persistentvolume_claim_ref gauge Information about the Persistent Volume Claim Reference.
kube_persistentvolume_created gauge Unix creation timestamp.
kube_persistentvolume_info gauge Information about persistentvolume.
kube_persistentvolume_status_phase gauge The phase indicates if a volume is available, bound to a claim, or released by a claim.
kube_persistentvolumeclaim_access_mode gauge The access mode(s) specified by the persistent volume claim.
kube_persistentvolumeclaim_created gauge Unix creation timestamp.
kube_persistentvolumeclaim_info gauge Information about a persistent volume claim.
kube_persistentvolumeclaim_resource_requests_storage_bytes gauge The capacity of storage requested.
kube_persistentvolumeclaim_status_condition gauge Information about status of different conditions of persistent volume claim.
kube_persistentvolumeclaim_status_phase gauge The phase the persistent volume claim is currently in.
kube_pod_completion_time gauge Completion time in unix timestamp for a pod.
kube_pod_container_info gauge Information about a container in a pod.
kube_pod_container_resource_limits gauge The number of requested limit resource by a container.
kube_pod_container_resource_requests gauge The number of requested request resource by a container.
kube_pod_container_state_started gauge Start time in unix timestamp for a pod container.
kube_pod_container_status_last_terminated_exitcode gauge The exit code for the last container in terminated state.
kube_pod_container_status_last_terminated_reason gauge The last reason the container was in terminated state.
kube_pod_container_status_last_terminated_timestamp gauge Last terminated time for a pod container in unix timestamp.
kube_pod_container_status_ready gauge Whether the container's readiness check succeeded.
kube_pod_container_status_restarts_total counter The number of container restarts per container.
kube_pod_container_status_running gauge Whether the container is currently in running state.
kube_pod_container_status_terminated gauge Whether the container is currently in terminated state.
kube_pod_container_status_terminated_reason gauge The reason the container is currently in terminated state.
kube_pod_container_status_waiting gauge Whether the container is currently in waiting state.
kube_pod_container_status_waiting_reason gauge The reason the container is currently in waiting state.
kube_pod_created gauge Unix creation timestamp.
kube_pod_deletion_timestamp gauge Unix deletion timestamp.
kube_pod_info gauge Information about pod.
kube_pod_init_container_info gauge Information about an init container in a pod.
kube_pod_init_container_resource_limits gauge The number of requested limit resource by an init container.
kube_pod_init_container_resource_requests gauge The number of requested request resource by an init container.
kube_pod_init_container_state_started gauge Start time in unix timestamp for an init container.
kube_pod_init_container_status_last_terminated_exitcode gauge The exit code for the last init container in terminated state.
kube_pod_init_container_status_last_terminated_reason gauge The last reason the init container was in terminated state.
kube_pod_init_container_status_last_terminated_timestamp gauge Last terminated time for an init container in unix timestamp.
kube_pod_init_container_status_ready gauge Whether the init container's readiness check succeeded.
kube_pod_init_container_status_restarts_total counter The number of restarts for the init container.
kube_pod_init_container_status_running gauge Whether the init container is currently in running state.
kube_pod_init_container_status_terminated gauge Whether the init container is currently in terminated state.
kube_pod_init_container_status_terminated_reason gauge The reason the init container is currently in terminated state.
kube_pod_init_container_status_waiting gauge Whether the init container is currently in waiting state.
kube_pod_init_container_status_waiting_reason gauge The reason the init container is currently in waiting state.
kube_pod_ips gauge Pod IP addresses.
kube_pod_owner gauge Information about the Pod's owner.
kube_pod_restart_policy gauge The restart policy in use by this pod.
kube_pod_spec_volumes_persistentvolumeclaims_info gauge Information about persistentvolumeclaim volumes in a pod.
kube_pod_start_time gauge Start time in unix timestamp for a pod.
kube_pod_status_phase gauge The pods current phase.
kube_pod_status_qos_class gauge The pod's current qosClass.
kube_pod_status_ready gauge Whether the pod is ready to serve requests.
kube_pod_status_ready_time gauge Time when pod passed readiness probes.
kube_pod_status_reason gauge The pod status reasons.
kube_pod_status_scheduled gauge The status of the scheduling process for the pod.
kube_pod_status_scheduled_time gauge Unix timestamp when pod moved into scheduled status.
kube_pod_status_unschedulable gauge Whether the pod cannot be scheduled.
kube_poddisruptionbudget_created gauge Unix creation timestamp.
kube_poddisruptionbudget_status_current_healthy gauge Current number of healthy pods.
kube_poddisruptionbudget_status_desired_healthy gauge Minimum desired number of healthy pods.
kube_poddisruptionbudget_status_expected_pods gauge Total number of pods counted by this disruption budget.
kube_poddisruptionbudget_status_observed_generation gauge Most recent generation observed when updating this status.
kube_poddisruptionbudget_status_pod_disruptions_allowed gauge Number of pod disruptions that are currently allowed.
kube_replicaset_created gauge Unix creation timestamp.
kube_replicaset_metadata_generation gauge Sequence number representing a specific generation of the desired state.
kube_replicaset_owner gauge Information about the ReplicaSet's owner.
kube_replicaset_spec_replicas gauge Number of desired pods for a ReplicaSet.
kube_replicaset_status_fully_labeled_replicas gauge The number of fully labeled replicas per ReplicaSet.
kube_replicaset_status_observed_generation gauge The generation observed by the ReplicaSet controller.
kube_replicaset_status_ready_replicas gauge The number of ready replicas per ReplicaSet.
kube_replicaset_status_replicas gauge The number of replicas per ReplicaSet.
kube_service_created gauge Unix creation timestamp.
kube_service_info gauge Information about service.
kube_service_spec_type gauge Type about service.
kube_service_status_load_balancer_ingress gauge Service load balancer ingress status.
kube_statefulset_created gauge Unix creation timestamp.
kube_statefulset_metadata_generation gauge Sequence number representing a specific generation of the desired state.
kube_statefulset_replicas gauge Number of desired pods for a StatefulSet.
kube_statefulset_status_current_revision gauge The revision that pods of the sequence were created from.
kube_statefulset_status_observed_generation gauge The generation observed by the StatefulSet controller.
kube_statefulset_status_replicas gauge The number of replicas per StatefulSet.
kube_statefulset_status_replicas_available gauge The number of available replicas per StatefulSet.
kube_statefulset_status_replicas_current gauge The number of current replicas per StatefulSet.
kube_statefulset_status_replicas_ready gauge The number of ready replicas per StatefulSet.
kube_statefulset_status_replicas_updated gauge The number of updated replicas per StatefulSet.
kube_statefulset_status_update_revision gauge The revision that pods of the sequence are updated to.
kube_storageclass_created gauge Unix creation timestamp.
kube_storageclass_info gauge Information about storageclass.
kubelet_volume_stats_available_bytes gauge Number of available bytes in the volume.
kubelet_volume_stats_capacity_bytes gauge Capacity in bytes of the volume.
kubelet_volume_stats_inodes gauge Maximum number of inodes in the volume.
kubelet_volume_stats_inodes_free gauge Number of free inodes in the volume.
kubelet_volume_stats_inodes_used gauge Number of used inodes in the volume.
kubelet_volume_stats_used_bytes gauge Number of used bytes in the volume.
kubernetes_build_info gauge Build information of the API server.
machine_cpu_cores gauge Number of logical CPU cores.
machine_memory_bytes gauge Amount of memory installed on the machine.
node_boot_time_seconds gauge Node boot time, in unixtime.
node_context_switches_total counter Total number of context switches.
node_cpu_seconds_total counter Seconds the CPUs spent in each mode.
node_disk_io_time_seconds_total counter Total seconds spent doing I/Os.
node_disk_io_time_weighted_seconds_total counter The weighted # of seconds spent doing I/Os.
node_disk_read_bytes_total counter The total number of bytes read successfully.
node_disk_reads_completed_total counter The total number of reads completed successfully.
node_disk_writes_completed_total counter The total number of writes completed successfully.
node_disk_written_bytes_total counter The total number of bytes written successfully.
node_filefd_allocated gauge File descriptor statistics: allocated.
node_filefd_maximum gauge File descriptor statistics: maximum.
node_filesystem_avail_bytes gauge Filesystem space available to non-root users in bytes.
node_filesystem_files gauge Filesystem total file nodes.
node_filesystem_files_free gauge Filesystem total free file nodes.
node_filesystem_free_bytes gauge Filesystem free space in bytes.
node_filesystem_readonly gauge Filesystem read-only status.
node_filesystem_size_bytes gauge Filesystem size in bytes.
node_load1 gauge 1m load average.
node_load15 gauge 15m load average.
node_load5 gauge 5m load average.
node_memory_Buffers_bytes gauge Memory information field Buffers_bytes.
node_memory_Cached_bytes gauge Memory information field Cached_bytes.
node_memory_MemAvailable_bytes gauge Memory information field MemAvailable_bytes.
node_memory_MemFree_bytes gauge Memory information field MemFree_bytes.
node_memory_MemTotal_bytes gauge Memory information field MemTotal_bytes.
node_memory_SReclaimable_bytes gauge Memory information field SReclaimable_bytes.
node_memory_Slab_bytes gauge Memory information field Slab_bytes.
node_memory_SwapFree_bytes gauge Memory information field SwapFree_bytes.
node_memory_SwapTotal_bytes gauge Memory information field SwapTotal_bytes.
node_network_receive_bytes_total counter Network device statistic receive_bytes.
node_network_receive_drop_total counter Network device statistic receive_drop.
node_network_receive_errs_total counter Network device statistic receive_errs.
node_network_receive_packets_total counter Network device statistic receive_packets.
node_network_transmit_bytes_total counter Network device statistic transmit_bytes.
node_network_transmit_drop_total counter Network device statistic transmit_drop.
node_network_transmit_errs_total counter Network device statistic transmit_errs.
node_network_transmit_packets_total counter Network device statistic transmit_packets.
node_network_up gauge Value is 1 if operstate is 'up', 0 otherwise.
node_nf_conntrack_entries gauge Number of currently allocated flow entries for connection tracking.
node_nf_conntrack_entries_limit gauge Maximum size of connection tracking table.
node_procs_running gauge Number of processes in runnable state.
node_time_seconds gauge System time in seconds since epoch (1970).
node_uname_info gauge Labeled system information as provided by the uname system call.
node_vmstat_pgmajfault counter /proc/vmstat information field pgmajfault.
process_start_time_seconds gauge Start time of the process since unix epoch in seconds.
prometheus_build_info gauge Build information of Prometheus.
up gauge Whether the last scrape of the target succeeded.
`;

export const METRICS: readonly MetricInfo[] = TEXT.trim()
  .split('\n')
  .map((line) => {
    const [name = '', type = 'gauge', ...help] = line.split(' ');
    return { name, type: type as MetricInfo['type'], help: help.join(' ') };
  });
