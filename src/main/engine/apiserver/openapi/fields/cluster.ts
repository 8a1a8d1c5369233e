/** Fields of the types of coordination.k8s.io, events.k8s.io, discovery.k8s.io, scheduling.k8s.io and node.k8s.io, v1. The notation is explained in ../fields.ts. */

export const coordination = `
@Lease|metadata 1 meta.ObjectMeta ?|spec 2 LeaseSpec ?
LeaseSpec|holderIdentity 1 *string ?|leaseDurationSeconds 2 *int32 ?|acquireTime 3 *MicroTime ?|renewTime 4 *MicroTime ?|leaseTransitions 5 *int32 ?|strategy 6 *string ? t=CoordinatedLeaseStrategy|preferredHolder 7 *string ?
`;

export const events = `
@Event|metadata 1 meta.ObjectMeta|eventTime 2 MicroTime !|series 3 *EventSeries ?|reportingController 4 string ?|reportingInstance 5 string ?|action 6 string ?|reason 7 string ?|regarding 8 core.ObjectReference ?|related 9 *core.ObjectReference ?|note 10 string ?|type 11 string ?|deprecatedSource 12 core.EventSource ?|deprecatedFirstTimestamp 13 Time ?|deprecatedLastTimestamp 14 Time ?|deprecatedCount 15 int32 ?
EventSeries|count 1 int32 !|lastObservedTime 2 MicroTime !
`;

export const discovery = `
@EndpointSlice|metadata 1 meta.ObjectMeta ?|addressType 4 string ! t=AddressType|endpoints 2 []Endpoint l=:atomic|ports 3 []EndpointPort l=:atomic
Endpoint|addresses 1 []string ! l=:set|conditions 2 EndpointConditions ?|hostname 3 *string ?|targetRef 4 *core.ObjectReference ?|deprecatedTopology 5 map:string ?|nodeName 6 *string ?|zone 7 *string ?|hints 8 *EndpointHints ?
EndpointConditions|ready 1 *bool ?|serving 2 *bool ?|terminating 3 *bool ?
EndpointHints|forZones 1 []ForZone ? l=:atomic|forNodes 2 []ForNode ? l=:atomic
ForZone|name 1 string !
ForNode|name 1 string !
EndpointPort~|name 1 *string ?|protocol 2 *string ? t=Protocol|port 3 *int32 ?|appProtocol 4 *string ?
`;

export const scheduling = `
@PriorityClass|metadata 1 meta.ObjectMeta ?|value 2 int32|globalDefault 3 bool ?|description 4 string ?|preemptionPolicy 5 *string ? t=v1.PreemptionPolicy
`;

export const node = `
@RuntimeClass|metadata 1 meta.ObjectMeta ?|handler 2 string !|overhead 3 *Overhead ?|scheduling 4 *Scheduling ?
Overhead|podFixed 1 map:Quantity ? t=ResourceList
Scheduling|nodeSelector 1 map:string ? a|tolerations 2 []core.Toleration ? l=:atomic
`;
