import { expect, test } from 'vitest';
import { parseTokenFile } from './token-file.ts';

test('a line gives a user with uid and groups, which may be quoted', () => {
  const text =
    '\uFEFFadmin-token,admin,,"system:masters"\r\n\nt2, viewer ,7,"a,b ""c"""\nt3,plain,8,one\nt4,nobody,9\nt2,later,7\n';
  expect(parseTokenFile(text)).toEqual([
    { token: 'admin-token', user: { username: 'admin', groups: ['system:masters'] } },
    { token: 't2', user: { username: 'later', uid: '7', groups: [] } },
    { token: 't3', user: { username: 'plain', uid: '8', groups: ['one'] } },
    { token: 't4', user: { username: 'nobody', uid: '9', groups: [] } },
  ]);
  expect(parseTokenFile('t2,v,7,"a,b ""c"""')[0]?.user.groups).toEqual(['a', 'b "c"']);
});

test.each([
  ['t,u', 'line 1: at least 3 columns are needed (token, user name, user uid), found 2'],
  ['t,u,1\n,u,2', 'line 2: the token is empty'],
  ['t,u,1,"a', 'line 1: a quotation is not closed'],
])('what cannot be meant is refused with its line: %s', (text, message) => {
  expect(() => parseTokenFile(text)).toThrow(message);
});
