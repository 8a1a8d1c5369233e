import { ingressSecurityRule } from '../families.ts';

const SNIPPET = /^nginx\.ingress\.kubernetes\.io\/[\w-]*snippet$/;

export const ingressSnippet = ingressSecurityRule(
  'IngressSnippet',
  {
    severity: 'danger',
    references: ['https://kubernetes.github.io/ingress-nginx/user-guide/nginx-configuration/annotations-risk/'],
    zh: [
      'Ingress 注解注入了服务器配置',
      '能修改该 Ingress 的人可以在控制器中执行代码，读取其可访问的全部 Secret。',
      '去掉 snippet 类注解，并在控制器中关闭 allow-snippet-annotations。',
    ],
    en: [
      'Ingress annotation injects server configuration',
      'Who changes the Ingress runs code in the controller and reads every Secret that it may read.',
      'Remove the snippet annotations, and switch allow-snippet-annotations off in the controller.',
    ],
  },
  ({ metadata }) =>
    Object.keys(metadata.annotations ?? {})
      .filter((key) => SNIPPET.test(key))
      .map((key) => ({ field: `metadata.annotations['${key}']`, evidence: key })),
);
