import { said } from '#shared/inspection-evidence.ts';
import { accessRule } from '../families.ts';
import { boundText, isPreset } from '../roles.ts';

interface Grant {
  apiGroups?: string[];
  resources?: string[];
  verbs?: string[];
}

export const wildcardRole = accessRule(
  'WildcardRole',
  {
    zh: [
      '角色使用通配符授权',
      '角色也包含以后才出现的资源与动词，权限会随升级悄悄扩大。',
      '逐一写明 API 组、资源和动词。',
    ],
    en: [
      'Role grants by wildcard',
      'The role has what will exist some day, too: rights grow with every upgrade, unseen.',
      'Name groups, resources and verbs one by one.',
    ],
  },
  (role, world) =>
    isPreset(role)
      ? []
      : ((role.rules ?? []) as Grant[]).flatMap(({ apiGroups, resources, verbs }, index) => {
          const all = [apiGroups, resources, verbs].map((list) => list?.includes('*') ?? false);
          if (!all[1] || !all[2]) return [];
          const bound = world.subjectsOf(role);
          return [
            {
              field: `rules[${index}]`,
              evidence: boundText(
                all[0] ? said('everyVerb') : said('everyVerbOf', { groups: apiGroups?.join(', ') ?? '' }),
                bound,
              ),
              severity: bound.length > 0 && all[0] ? ('danger' as const) : ('warning' as const),
            },
          ];
        }),
);
