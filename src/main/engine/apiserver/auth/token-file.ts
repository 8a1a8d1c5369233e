/**
 * The file of fixed tokens that kube-apiserver takes with `--token-auth-file`: a line of CSV for each, `token,user,uid` and
 * optionally `"group1,group2"`. Source: Kubernetes documentation, "Authenticating", static token file.
 */
import { AppError } from '#shared/errors.ts';
import type { UserInfo } from '../types.ts';

export interface FixedToken {
  token: string;
  user: UserInfo;
}

/**
 * Empty lines are passed over; of a token that is given twice the last line counts. Throws INVALID with the line's number
 * for one with too few columns, an empty token or an open quotation: a token that silently does not work costs an hour.
 */
export function parseTokenFile(text: string): FixedToken[] {
  const tokens = new Map<string, FixedToken>();
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '') continue;
    const columns = columnsOf(line);
    if (columns === null) throw new AppError('INVALID', `line ${index + 1}: a quotation is not closed`);
    const [token = '', username = '', uid = '', groups = ''] = columns;
    if (columns.length < 3)
      throw new AppError(
        'INVALID',
        `line ${index + 1}: at least 3 columns are needed (token, user name, user uid), found ${columns.length}`,
      );
    if (token === '') throw new AppError('INVALID', `line ${index + 1}: the token is empty`);
    const named = groups.split(',').filter((group) => group !== '');
    tokens.set(token, { token, user: { username, groups: named, ...(uid === '' ? {} : { uid }) } });
  }
  return [...tokens.values()];
}

/** Quotations keep commas, and a doubled quotation mark inside one is one (RFC 4180). Null when one is not closed. */
function columnsOf(line: string): string[] | null {
  const columns: string[] = [];
  let rest = line;
  for (;;) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(,|$)/.exec(rest);
    if (quoted === null && /^\s*"/.test(rest)) return null;
    const plain = /^([^,]*)(,|$)/.exec(rest)!;
    const [whole, value, end] = quoted ?? plain;
    columns.push(quoted === null ? value!.trim() : value!.replaceAll('""', '"'));
    if (end !== ',') return columns;
    rest = rest.slice(whole.length);
  }
}
