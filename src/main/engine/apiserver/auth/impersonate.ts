/** Acting as somebody else, for those who may. Source: Kubernetes documentation, "User impersonation". */
import { domainPath } from '../kinds/validation/meta.ts';
import { badRequest } from '../status.ts';
import type { UserInfo } from '../types.ts';
import { withAuthenticated } from './authenticate.ts';
import { type AccessAttributes, type Authorizer, accessDenied } from './authorize.ts';

const EXTRA = 'impersonate-extra-';
const AUTHENTICATION = 'authentication.k8s.io';

/** Who is to be acted as, as the headers say it. */
interface Wanted {
  name: string;
  uid: string;
  groups: string[];
  extra: Record<string, string[]>;
}

export interface Impersonation {
  user: UserInfo;
  /** The verb that a narrowed right to act as somebody was granted by; audit events tell it. */
  constraint?: string;
}

/** Whose last way of acting as others is remembered: more would be forgotten in the order they came. */
const REMEMBERED = 10_000;

/**
 * Finds the user a request acts as. Rights that are narrowed to a kind of user and to what is done as them
 * (`impersonate:user-info` with `impersonate-on:user-info:list`) are tried before the plain right to impersonate, but first
 * of all the one that the same user had last; the first refusal is the one told. Source: KEP-5284.
 */
export class Impersonator {
  readonly #authorizer: Authorizer;
  /** By user, what was allowed last. */
  readonly #last = new Map<string, Mode>();

  constructor(authorizer: Authorizer) {
    this.#authorizer = authorizer;
  }

  /** `user` itself when nothing is asked for. Groups of several Impersonate-Group headers come joined by commas. Throws 403 or 400. */
  act(user: UserInfo, headers: Readonly<Record<string, string | undefined>>, access: AccessAttributes): Impersonation {
    if (!isAsked(headers)) return { user };
    const wanted: Wanted = {
      name: headers['impersonate-user'] ?? '',
      uid: headers['impersonate-uid'] ?? '',
      groups: listOf(headers['impersonate-group']),
      extra: extraOf(headers),
    };
    if (wanted.name === '') {
      if (wanted.groups.length === 0 && wanted.uid === '' && Object.keys(wanted.extra).length === 0) return { user };
      throw badRequest(`requested ${goText(wanted)} without impersonating a user name`);
    }
    const possible = modesFor(wanted, user);
    const last = this.#last.get(user.username);
    const modes =
      last !== undefined && possible.includes(last) ? [last, ...possible.filter((mode) => mode !== last)] : possible;
    let refusal: unknown;
    for (const mode of modes) {
      try {
        const found = new Attempt(user, this.#authorizer, mode).as(wanted, access);
        if (mode !== last) this.#remember(user.username, mode);
        return found;
      } catch (error) {
        refusal ??= error;
      }
    }
    throw refusal;
  }

  #remember(username: string, mode: Mode): void {
    this.#last.delete(username);
    this.#last.set(username, mode);
    if (this.#last.size > REMEMBERED) this.#last.delete(this.#last.keys().next().value!);
  }
}

/** Null stands for the plain right, which knows neither kinds of users nor what is done as them. */
type Mode = 'associated-node' | 'arbitrary-node' | 'serviceaccount' | 'user-info' | null;

function modesFor({ name, uid, groups, extra }: Wanted, user: UserInfo): Mode[] {
  const isNameAlone = uid === '' && groups.length === 0 && Object.keys(extra).length === 0;
  const node = nodeNamed(name);
  if (node !== null) {
    if (!isNameAlone) return [null];
    const at = user.extra?.['authentication.kubernetes.io/node-name'] ?? [];
    const isItsOwn = ACCOUNT.test(user.username) && at.length === 1 && at[0] === node;
    return isItsOwn ? ['associated-node', 'arbitrary-node', null] : ['arbitrary-node', null];
  }
  if (ACCOUNT.test(name)) return isNameAlone ? ['serviceaccount', null] : [null];
  return ['user-info', null];
}

const ACCOUNT = /^system:serviceaccount:([^:]+):([^:]+)$/;

function nodeNamed(username: string): string | null {
  const name = /^system:node:(.+)$/.exec(username)?.[1];
  return name !== undefined && SUBDOMAIN.test(name) && name.length <= 253 ? name : null;
}

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

interface Target {
  group?: string;
  resource: string;
  subresource?: string;
  namespace?: string;
  name: string;
}

/** One way of being allowed to act as somebody: every part of whom is asked for by itself. */
class Attempt {
  readonly #user: UserInfo;
  readonly #authorizer: Authorizer;
  readonly #mode: Mode;
  readonly #verb: string;

  constructor(user: UserInfo, authorizer: Authorizer, mode: Mode) {
    this.#user = user;
    this.#authorizer = authorizer;
    this.#mode = mode;
    this.#verb = mode === null ? 'impersonate' : `impersonate:${mode}`;
  }

  as({ name, uid, groups, extra }: Wanted, access: AccessAttributes): Impersonation {
    const mode = this.#mode;
    if (mode !== null) this.#ask({ ...access, verb: `impersonate-on:${mode}:${access.verb}` });
    const group = mode === null ? '' : AUTHENTICATION;
    const account = ACCOUNT.exec(name);
    const node = mode === null ? null : nodeNamed(name);
    if (account !== null)
      this.#check({ group, resource: 'serviceaccounts', namespace: account[1]!, name: account[2]! });
    else if (node !== null) this.#check({ group, resource: 'nodes', name: mode === 'associated-node' ? '*' : node });
    else this.#check({ group, resource: 'users', name });
    if (uid !== '') this.#check({ group: AUTHENTICATION, resource: 'uids', name: uid });
    if (mode !== null && groups.includes('system:masters'))
      throw this.#refusal(
        this.#accessTo({ group, resource: 'groups', name: 'system:masters' }),
        'impersonating the system:masters group is not allowed',
      );
    if (!(mode !== null && groups.length >= MANY && this.#may({ group, resource: 'groups', name: '*' })))
      for (const each of groups) this.#check({ group, resource: 'groups', name: each });
    const unfit = mode === null ? null : extraProblem(extra);
    if (unfit !== null)
      throw this.#refusal(this.#accessTo({ group: AUTHENTICATION, resource: 'userextras', name: '' }), unfit);
    const extras = Object.entries(extra).flatMap(([key, values]) =>
      values.map((value) => ({ group: AUTHENTICATION, resource: 'userextras', subresource: key, name: value })),
    );
    const every = { group: AUTHENTICATION, resource: 'userextras', subresource: '*', name: '*' };
    if (!(mode !== null && extras.length >= MANY && this.#may(every))) for (const each of extras) this.#check(each);
    const user: UserInfo = {
      username: name,
      groups: node === null ? groupsOf(name, groups, account?.[1]) : withAuthenticated(['system:nodes']),
      ...(uid === '' ? {} : { uid }),
      ...(Object.keys(extra).length === 0 ? {} : { extra }),
    };
    return mode === null ? { user } : { user, constraint: this.#verb };
  }

  #accessTo(target: Target): AccessAttributes {
    const resource = { group: '', version: 'v1', subresource: '', namespace: '', ...target };
    return { verb: this.#verb, resource };
  }

  #may(target: Target): boolean {
    return this.#authorizer.decide(this.#user, this.#accessTo(target)).allowed;
  }

  #check(target: Target): void {
    this.#ask(this.#accessTo(target));
  }

  #ask(access: AccessAttributes): void {
    const { allowed, reason } = this.#authorizer.decide(this.#user, access);
    if (!allowed) throw this.#refusal(access, reason);
  }

  #refusal(access: AccessAttributes, reason: string): Error {
    return accessDenied(this.#user, access, reason);
  }
}

/** From so many on, the right to all of them is asked for first. */
const MANY = 4;

/** Null: extra that may be narrowed rights' subject. Source: KEP-5284. */
function extraProblem(extra: Wanted['extra']): string | null {
  for (const [key, values] of Object.entries(extra)) {
    if (key === '') return 'impersonating the empty string key in extra is not allowed';
    const texts = domainPath(key, 'extra.key').map(({ field, message }) => `${field}: ${message}`);
    if (texts.length > 0)
      return `impersonating an invalid key in extra is not allowed: ${texts.length === 1 ? texts[0] : `[${texts.join(', ')}]`}`;
    if (values.length === 0) return 'impersonating empty values in extra is not allowed';
  }
  return null;
}

/** As the server prints what it has read of the headers. */
function goText({ name, uid, groups, extra }: Wanted): string {
  const list = (values: readonly string[]) => `[]string{${values.map((each) => JSON.stringify(each)).join(', ')}}`;
  const keys = Object.keys(extra).sort();
  const map = keys.map((key) => `${JSON.stringify(key)}:${list(extra[key]!)}`).join(', ');
  const parts = [
    `Name:${JSON.stringify(name)}`,
    `UID:${JSON.stringify(uid)}`,
    `Groups:${groups.length === 0 ? '[]string(nil)' : list(groups)}`,
    `Extra:${keys.length === 0 ? 'map[string][]string(nil)' : `map[string][]string{${map}}`}`,
  ];
  return `&user.DefaultInfo{${parts.join(', ')}}`;
}

/** Hardly any request asks for it. */
function isAsked(headers: Readonly<Record<string, string | undefined>>): boolean {
  for (const header in headers) if (header.startsWith('impersonate-')) return true;
  return false;
}

/** Service accounts bring their groups when none are asked for; everybody but the anonymous user is authenticated. */
function groupsOf(name: string, asked: readonly string[], namespace: string | undefined): string[] {
  const own =
    namespace !== undefined && asked.length === 0
      ? ['system:serviceaccounts', `system:serviceaccounts:${namespace}`]
      : [...asked];
  if (own.includes('system:unauthenticated')) return own;
  return name === 'system:anonymous' ? [...own, 'system:unauthenticated'] : withAuthenticated(own);
}

/** Keys of extra are percent-encoded where a header name cannot hold them. */
function extraOf(headers: Readonly<Record<string, string | undefined>>): Record<string, string[]> {
  const extra: Record<string, string[]> = {};
  for (const [header, value] of Object.entries(headers)) {
    if (!header.startsWith(EXTRA)) continue;
    const encoded = header.slice(EXTRA.length);
    let key = encoded;
    try {
      key = decodeURIComponent(encoded);
    } catch {
      // Taken as it is, as the real server does.
    }
    extra[key] = listOf(value);
  }
  return extra;
}

function listOf(header: string | undefined): string[] {
  return (header ?? '')
    .split(',')
    .map((each) => each.trim())
    .filter((each) => each !== '');
}
