import { hostRule } from '../families.ts';

export const hostNetworkAllowed = hostRule(
  'HostNetworkAllowed',
  {
    zh: [
      '开启了主机网络',
      '容器可以监听节点的流量，访问只在 localhost 上提供的服务，且不受 NetworkPolicy 约束。',
      '将 hostNetwork 设为 false，通过 Service 对外提供；网络插件等系统组件请豁免。',
    ],
    en: [
      'Host network shared',
      'The container sees the node’s traffic, reaches what listens on localhost only, and escapes NetworkPolicies.',
      'Set hostNetwork to false and expose it by a Service; exempt system components such as network plugins.',
    ],
  },
  ({ spec, path }) =>
    spec.hostNetwork === true ? [{ field: `${path}.hostNetwork`, evidence: 'hostNetwork: true', fix: {} }] : [],
);
