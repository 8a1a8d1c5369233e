/** What `authorizer` means in the expressions of admission: the one who asks, and whoever else is asked about. */
import type { Authorizer } from '../auth/authorize.ts';
import { authorizerValue, type Judge, type ResourceQuestion, resourceCheck } from '../cel/functions/authorizer.ts';
import type { AdmissionRequest, UserInfo } from '../types.ts';

export function judgeOf(authorizer: Authorizer, user: UserInfo): Judge {
  return {
    resource: (verb, question) => authorizer.decide(user, { verb, resource: question }),
    path: (verb, path) => authorizer.decide(user, { verb, path }),
    as: (namespace, name) =>
      judgeOf(authorizer, {
        username: `system:serviceaccount:${namespace}:${name}`,
        groups: ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated'],
      }),
  };
}

/** Values of `authorizer` and `authorizer.requestResource`. */
export function authorizerValues(
  authorizer: Authorizer,
  { kind, subresource, namespace, name, user }: AdmissionRequest,
) {
  const judge = judgeOf(authorizer, user);
  const { group, version, resource } = kind;
  const question: ResourceQuestion = { group, version, resource, subresource, namespace, name };
  return { authorizer: authorizerValue(judge), 'authorizer.requestResource': resourceCheck(judge, question) };
}
