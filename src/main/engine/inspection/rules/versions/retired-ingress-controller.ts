import { inEveryContainer } from '../containers.ts';
import { retiredRule } from '../families.ts';

export const retiredIngressController = retiredRule(
  'RetiredIngressController',
  {
    zh: [
      '使用了已停止维护的 ingress-nginx',
      '2026 年 3 月起不再有安全修复，而它处理全部入口流量并可读取 Secret。',
      '迁移到 Gateway API 或仍在维护的 Ingress 控制器。',
    ],
    en: [
      'ingress-nginx without maintenance',
      'Since March 2026 it gets no security fixes, though all traffic comes through it and it reads Secrets.',
      'Move to the Gateway API or an Ingress controller that is maintained.',
    ],
  },
  inEveryContainer(({ image }) =>
    /(^|\/)ingress-nginx\/controller([:@]|$)/.test(String(image ?? '')) ? { field: 'image', evidence: image } : null,
  ),
);
