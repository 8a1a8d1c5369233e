/** Fields of the types of networking.k8s.io/v1. The notation is explained in ../fields.ts. */

export const networking = `
@NetworkPolicy|metadata 1 meta.ObjectMeta ?|spec 2 NetworkPolicySpec ?
NetworkPolicySpec|podSelector 1 meta.LabelSelector|ingress 2 []NetworkPolicyIngressRule ? l=:atomic|egress 3 []NetworkPolicyEgressRule ? l=:atomic|policyTypes 4 []string ? l=:atomic t=PolicyType
NetworkPolicyIngressRule|ports 1 []NetworkPolicyPort ? l=:atomic|from 2 []NetworkPolicyPeer ? l=:atomic
NetworkPolicyEgressRule|ports 1 []NetworkPolicyPort ? l=:atomic|to 2 []NetworkPolicyPeer ? l=:atomic
NetworkPolicyPort|protocol 1 *string ? t=Protocol|port 2 *IntOrString ?|endPort 3 *int32 ?
IPBlock|cidr 1 string !|except 2 []string ? l=:atomic
NetworkPolicyPeer|podSelector 1 *meta.LabelSelector ?|namespaceSelector 2 *meta.LabelSelector ?|ipBlock 3 *IPBlock ?
@Ingress|metadata 1 meta.ObjectMeta ?|spec 2 IngressSpec ?|status 3 IngressStatus ?
IngressSpec|ingressClassName 4 *string ?|defaultBackend 1 *IngressBackend ?|tls 2 []IngressTLS ? l=:atomic|rules 3 []IngressRule ? l=:atomic
IngressTLS|hosts 1 []string ? l=:atomic|secretName 2 string ?
IngressStatus|loadBalancer 1 IngressLoadBalancerStatus ?
IngressLoadBalancerStatus|ingress 1 []IngressLoadBalancerIngress ? l=:atomic
IngressLoadBalancerIngress|ip 1 string ?|hostname 2 string ?|ports 4 []IngressPortStatus ? l=:atomic
IngressPortStatus|port 1 int32 !|protocol 2 string ! t=Protocol|error 3 *string ?
IngressRule|host 1 string ?|IngressRuleValue 2 ^
IngressRuleValue|http 1 *HTTPIngressRuleValue ?
HTTPIngressRuleValue|paths 1 []HTTPIngressPath ! l=:atomic
HTTPIngressPath|path 1 string ?|pathType 3 *string ! t=PathType|backend 2 IngressBackend !
IngressBackend|service 4 *IngressServiceBackend ?|resource 3 *core.TypedLocalObjectReference ?
IngressServiceBackend|name 1 string !|port 2 ServiceBackendPort ?
ServiceBackendPort~|name 1 string ?|number 2 int32 ?
@IngressClass|metadata 1 meta.ObjectMeta ?|spec 2 IngressClassSpec ?
IngressClassSpec|controller 1 string ?|parameters 2 *IngressClassParametersReference ?
IngressClassParametersReference|apiGroup 1 *string ?|kind 2 string !|name 3 string !|scope 4 *string|namespace 5 *string ?
@IPAddress|metadata 1 meta.ObjectMeta ?|spec 2 IPAddressSpec ? !
IPAddressSpec|parentRef 1 *ParentReference ? !
ParentReference|group 1 string ?|resource 2 string ? !|namespace 3 string ?|name 4 string ? !
@ServiceCIDR|metadata 1 meta.ObjectMeta ?|spec 2 ServiceCIDRSpec ?|status 3 ServiceCIDRStatus ?
ServiceCIDRSpec|cidrs 1 []string ? k l=:atomic
ServiceCIDRStatus|conditions 1 []meta.Condition ? m=type l=type
`;
