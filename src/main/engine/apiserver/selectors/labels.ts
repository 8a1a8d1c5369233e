/** Label selectors: parsing, matching and the messages of refusal. Source: API reference, "Labels and Selectors". */
import { badRequest } from '../status.ts';

export type Labels = Readonly<Record<string, string>> | undefined;
export type LabelMatcher = (labels: Labels) => boolean;

/** Null when everything matches. Throws 400 for what cannot be parsed. */
export function parseLabelSelector(text: string): LabelMatcher | null {
  const tokens = tokenize(text);
  if (tokens.length === 0) return null;
  const matchers: LabelMatcher[] = [];
  let at = 0;
  const peek = () => tokens[at] ?? '';
  const next = () => tokens[at++] ?? '';

  if (isSymbol(peek()) && peek() !== '!')
    throw badRequest(`found '${peek()}', expected: !, identifier, or 'end of string'`);
  for (;;) {
    matchers.push(requirement());
    const separator = next();
    if (separator === '') break;
    if (separator !== ',') throw badRequest(`found '${separator}', expected: ',' or 'end of string'`);
    if (peek() === '' || (isSymbol(peek()) && peek() !== '!'))
      throw badRequest(`found '${peek()}', expected: identifier after ','`);
  }
  return (labels) => matchers.every((matches) => matches(labels));

  function requirement(): LabelMatcher {
    if (peek() === '!') {
      next();
      const key = identifier();
      return (labels) => labels?.[key] === undefined;
    }
    const key = identifier();
    const operator = peek();
    if (operator === '' || operator === ',') return (labels) => labels?.[key] !== undefined;
    next();
    switch (operator) {
      case '=':
      case '==': {
        const value = exactValue(key);
        return (labels) => labels?.[key] === value;
      }
      case '!=': {
        const value = exactValue(key);
        return (labels) => labels?.[key] !== value;
      }
      case 'in': {
        const values = valueSet(key);
        return (labels) => labels?.[key] !== undefined && values.has(labels[key]);
      }
      case 'notin': {
        const values = valueSet(key);
        return (labels) => labels?.[key] === undefined || !values.has(labels[key]);
      }
      case '>':
      case '<': {
        const bound = exactValue(key);
        if (!/^-?\d+$/.test(bound))
          throw badRequest(
            `unable to parse requirement: values[0]: Invalid value: "${bound}": for 'Gt', 'Lt' operators, the value must be an integer`,
          );
        return (labels) => {
          const value = labels?.[key];
          if (value === undefined || !/^-?\d+$/.test(value)) return false;
          return operator === '>' ? Number(value) > Number(bound) : Number(value) < Number(bound);
        };
      }
      default:
        throw badRequest(`unable to parse requirement: found '${operator}', expected: in, notin, =, ==, !=, gt, lt`);
    }
  }

  function identifier(): string {
    const token = next();
    if (isSymbol(token) || token === '')
      throw badRequest(`unable to parse requirement: found '${token}', expected: identifier`);
    const problem = labelKeyProblem(token);
    if (problem !== null) throw badRequest(`unable to parse requirement: <nil>: Invalid value: "${token}": ${problem}`);
    return token;
  }

  function exactValue(key: string): string {
    if (peek() === '' || peek() === ',') return '';
    const token = next();
    if (isSymbol(token)) throw badRequest(`unable to parse requirement: found '${token}', expected: identifier`);
    return checkedValue(key, token);
  }

  function valueSet(key: string): Set<string> {
    const open = next();
    if (open !== '(') throw badRequest(`unable to parse requirement: found '${open}' expected: '('`);
    const values = new Set<string>();
    for (;;) {
      const token = next();
      if (token === ')') {
        values.add('');
        return values;
      }
      if (token === ',') {
        values.add('');
        continue;
      }
      if (token === '' || isSymbol(token))
        throw badRequest(`unable to parse requirement: found '${token}', expected: ',', ')' or identifier`);
      values.add(checkedValue(key, token));
      const separator = next();
      if (separator === ')') return values;
      if (separator !== ',')
        throw badRequest(`unable to parse requirement: found '${separator}', expected: ',' or ')'`);
    }
  }
}

const SYMBOLS = new Set(['=', '==', '!=', '!', '(', ')', ',', '>', '<']);
const isSymbol = (token: string) => SYMBOLS.has(token);

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (const match of text.matchAll(/\s*(==|!=|[=!(),<>]|[^\s=!(),<>]+)/g)) tokens.push(match[1]!);
  return tokens;
}

const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

export const QUALIFIED_NAME_RULE =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')";

/** Null when the key is well formed. */
export function labelKeyProblem(key: string): string | null {
  const parts = key.split('/');
  const name = parts.at(-1)!;
  if (parts.length > 2)
    return "a valid label key must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]') with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')";
  if (parts.length === 2 && !SUBDOMAIN.test(parts[0]!))
    return "prefix part a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";
  if (name.length > 63) return 'name part must be no more than 63 bytes';
  return NAME.test(name) ? null : QUALIFIED_NAME_RULE;
}

function checkedValue(key: string, value: string): string {
  if (value === '' || (value.length <= 63 && NAME.test(value))) return value;
  const rule =
    value.length > 63
      ? 'must be no more than 63 bytes'
      : "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')";
  throw badRequest(`unable to parse requirement: values[0][${key}]: Invalid value: "${value}": ${rule}`);
}
