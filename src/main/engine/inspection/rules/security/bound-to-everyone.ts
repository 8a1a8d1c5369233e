import { said } from '#shared/inspection-evidence.ts';
import { bindingRule } from '../families.ts';
import { isPresetBinding, subjectTexts } from '../roles.ts';

const EVERYONE = new Set(['system:anonymous', 'system:unauthenticated', 'system:authenticated']);

export const boundToEveryone = bindingRule(
  'BoundToEveryone',
  {
    zh: [
      '授权给所有人',
      '未登录的请求或任何登录的用户都能行使该角色的权限。',
      '改为绑定具体的用户、组或 ServiceAccount。',
    ],
    en: [
      'Granted to everyone',
      'Requests without a login, or every user who has one, hold the rights of this role.',
      'Bind the users, groups or ServiceAccounts that need it.',
    ],
  },
  ({ roleRef, subjects, metadata }) => {
    if (isPresetBinding(metadata)) return [];
    const everyone = ((subjects ?? []) as { name?: string }[]).filter(({ name }) => EVERYONE.has(name ?? ''));
    if (everyone.length === 0) return [];
    return [
      {
        field: 'subjects',
        evidence: said('to', {
          role: `${roleRef?.kind} ${roleRef?.name}`,
          subjects: subjectTexts(everyone).join(', '),
        }),
      },
    ];
  },
);
