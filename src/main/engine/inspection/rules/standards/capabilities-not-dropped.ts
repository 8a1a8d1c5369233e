import { said } from '#shared/inspection-evidence.ts';
import { inEveryContainer } from '../containers.ts';
import { restrictedRule } from '../families.ts';

export const capabilitiesNotDropped = restrictedRule(
  'CapabilitiesNotDropped',
  {
    zh: [
      '没有放弃全部 capability',
      '容器保留运行时默认的 capability，多数应用并不需要。',
      '设置 capabilities: {drop: [ALL]}，如需绑定低端口只添加 NET_BIND_SERVICE。',
    ],
    en: [
      'Capabilities are not dropped',
      'The container keeps the default capabilities of its runtime, which most programs never need.',
      'Set capabilities: {drop: [ALL]}; to bind low ports add NET_BIND_SERVICE alone.',
    ],
  },
  inEveryContainer(({ securityContext }) => {
    const dropped = ((securityContext?.capabilities?.drop ?? []) as string[]).map((name) => name.toUpperCase());
    return dropped.includes('ALL')
      ? null
      : {
          field: 'securityContext.capabilities.drop',
          evidence: dropped.length === 0 ? said('dropsNothing') : said('drops', { what: dropped.join(', ') }),
          fix: { value: ['ALL'] },
        };
  }),
);
