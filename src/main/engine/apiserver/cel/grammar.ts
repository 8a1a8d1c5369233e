/**
 * The grammar of expressions as the reference parser walks it: where it looks at one token and where further, since its
 * messages depend on that. Source: cel-go, CEL.g4.
 */

/** What tokens are called in messages, in the order in which messages list them. */
export const TOKENS = [
  '<EOF>',
  ...["'=='", "'!='", "'in'", "'<'", "'<='", "'>='", "'>'", "'&&'", "'||'", "'['", "']'", "'{'", "'}'", "'('", "')'"],
  ...["'.'", "','", "'-'", "'!'", "'?'", "':'", "'+'", "'*'", "'/'", "'%'", "'true'", "'false'", "'null'"],
  ...['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', 'IDENTIFIER', 'ESC_IDENTIFIER'],
] as const;

export const END = '<EOF>';

/** What comes next: the kind of the token at a distance, 1 for the next one. */
export type Ahead = (distance: number) => string;

/** At the distance stands what rules everything out. */
export interface None {
  none: number;
}

export type Node =
  | { kind: 'token'; token: string }
  | { kind: 'anyOf'; tokens: ReadonlySet<string> }
  | { kind: 'rule'; name: string; precedence: number }
  | { kind: 'optional'; body: Sequence }
  /** `goesOn`: whether there is another one, or at which distance it can be neither; without it the first token tells. */
  | { kind: 'repeated'; least: 0 | 1; body: Sequence; goesOn?: (ahead: Ahead, precedence: number) => boolean | None }
  /** `choose`: which one is meant, or at which distance no one can be. */
  | { kind: 'choice'; of: readonly Sequence[]; choose: (ahead: Ahead) => number | None };
export type Sequence = readonly Node[];

const token = (text: string): Node => ({
  kind: 'token',
  token: TOKENS.includes(`'${text}'` as never) ? `'${text}'` : text,
});
const rule = (name: string, precedence = 0): Node => ({ kind: 'rule', name, precedence });
const optional = (...body: Node[]): Node => ({ kind: 'optional', body });
const quoted = (...texts: string[]): ReadonlySet<string> => new Set(texts.map((text) => `'${text}'`));
const list = (item: Sequence, begins: ReadonlySet<string>): Sequence => [
  ...item,
  {
    kind: 'repeated',
    least: 0,
    body: [token(','), ...item],
    // A comma may also be the last thing in a list.
    goesOn: (ahead) => ahead(1) === "','" && begins.has(ahead(2)),
  },
];

const RELATIONS = quoted('<', '<=', '>=', '>', '==', '!=', 'in');
const PRODUCTS = quoted('*', '/', '%');
const SUMS = quoted('+', '-');
const NAME = 'IDENTIFIER';
const OPERAND = new Set([
  ...quoted('[', '{', '(', '.', '-', '!', 'true', 'false', 'null'),
  ...['NUM_FLOAT', 'NUM_INT', 'NUM_UINT', 'STRING', 'BYTES', NAME],
]);
const LITERALS = ['NUM_INT', 'NUM_UINT', 'NUM_FLOAT', 'STRING', 'BYTES', "'true'", "'false'", "'null'"];

function unaryOf(ahead: Ahead): number | None {
  const first = ahead(1);
  if (first === "'!'") return 1;
  if (first !== "'-'") return OPERAND.has(first) ? 0 : { none: 1 };
  if (['NUM_INT', 'NUM_FLOAT'].includes(ahead(2))) return 0;
  return OPERAND.has(ahead(2)) && ahead(2) !== "'!'" ? 2 : { none: 2 };
}

/** A sign may be one more, or that of a number. */
function signAgain(ahead: Ahead): boolean | None {
  if (ahead(1) !== "'-'") return false;
  return (ahead(2) !== "'!'" && OPERAND.has(ahead(2))) || { none: 2 };
}

function suffixOf(ahead: Ahead): number | None {
  if (ahead(1) === "'['") return 2;
  if (ahead(2) === NAME) return ahead(3) === "'('" ? 1 : 0;
  return ["'?'", 'ESC_IDENTIFIER'].includes(ahead(2)) ? 0 : { none: 2 };
}

function primaryOf(ahead: Ahead): number | None {
  const first = ahead(1);
  if (first === "'('") return 2;
  if (first === "'['") return 3;
  if (first === "'{'") return 4;
  if (first === "'-'" || LITERALS.includes(first)) return 6;
  let at = first === "'.'" ? 2 : 1;
  if (ahead(at) !== NAME) return { none: at };
  if (ahead(at + 1) === "'('") return 1;
  while (ahead(at + 1) === "'.'" && ahead(at + 2) === NAME) at += 2;
  return ahead(at + 1) === "'{'" ? 5 : 0;
}

function literalOf(ahead: Ahead): number | None {
  if (ahead(1) !== "'-'") {
    const index = LITERALS.indexOf(ahead(1));
    return index < 0 ? { none: 1 } : index;
  }
  const index = ['NUM_INT', '', 'NUM_FLOAT'].indexOf(ahead(2));
  return index < 0 ? { none: 2 } : index;
}

const dot = optional(token('.'));
const comma = optional(token(','));
const mark = optional(token('?'));
const called: Sequence = [token('('), optional(rule('arguments')), token(')')];
const entry: Sequence = [rule('optionalExpression'), token(':'), rule('expression')];
const field: Sequence = [rule('optionalField'), token(':'), rule('expression')];

export const RULES: Readonly<Record<string, Sequence>> = {
  start: [rule('expression'), token(END)],
  expression: [rule('or'), optional(token('?'), rule('or'), token(':'), rule('expression'))],
  or: [rule('and'), { kind: 'repeated', least: 0, body: [token('||'), rule('and')] }],
  and: [rule('relation'), { kind: 'repeated', least: 0, body: [token('&&'), rule('relation')] }],
  relation: [
    rule('sum'),
    {
      kind: 'repeated',
      least: 0,
      body: [{ kind: 'anyOf', tokens: RELATIONS }, rule('relation', 2)],
      goesOn: (ahead, precedence) => precedence <= 1 && RELATIONS.has(ahead(1)),
    },
  ],
  sum: [
    rule('unary'),
    {
      kind: 'repeated',
      least: 0,
      body: [
        {
          kind: 'choice',
          of: [
            [{ kind: 'anyOf', tokens: PRODUCTS }, rule('sum', 3)],
            [{ kind: 'anyOf', tokens: SUMS }, rule('sum', 2)],
          ],
          choose: (ahead) => (PRODUCTS.has(ahead(1)) ? 0 : 1),
        },
      ],
      goesOn: (ahead, precedence) =>
        (precedence <= 2 && PRODUCTS.has(ahead(1))) || (precedence <= 1 && SUMS.has(ahead(1))),
    },
  ],
  unary: [
    {
      kind: 'choice',
      of: [
        [rule('member')],
        [{ kind: 'repeated', least: 1, body: [token('!')] }, rule('member')],
        [{ kind: 'repeated', least: 1, body: [token('-')], goesOn: signAgain }, rule('member')],
      ],
      choose: unaryOf,
    },
  ],
  member: [
    rule('primary'),
    {
      kind: 'repeated',
      least: 0,
      body: [
        {
          kind: 'choice',
          of: [
            [token('.'), mark, rule('name')],
            [token('.'), token(NAME), ...called],
            [token('['), mark, rule('expression'), token(']')],
          ],
          choose: suffixOf,
        },
      ],
    },
  ],
  primary: [
    {
      kind: 'choice',
      of: [
        [dot, token(NAME)],
        [dot, token(NAME), ...called],
        [token('('), rule('expression'), token(')')],
        [token('['), optional(rule('items')), comma, token(']')],
        [token('{'), optional(rule('entries')), comma, token('}')],
        [
          dot,
          token(NAME),
          { kind: 'repeated', least: 0, body: [token('.'), token(NAME)] },
          ...[token('{'), optional(rule('fields')), comma, token('}')],
        ],
        [rule('literal')],
      ],
      choose: primaryOf,
    },
  ],
  arguments: [rule('expression'), { kind: 'repeated', least: 0, body: [token(','), rule('expression')] }],
  items: list([rule('optionalExpression')], new Set([...OPERAND, "'?'"])),
  entries: list(entry, new Set([...OPERAND, "'?'"])),
  fields: list(field, new Set(["'?'", NAME, 'ESC_IDENTIFIER'])),
  optionalField: [mark, rule('name')],
  optionalExpression: [mark, rule('expression')],
  name: [
    {
      kind: 'choice',
      of: [[token(NAME)], [token('ESC_IDENTIFIER')]],
      choose: (ahead) => (ahead(1) === NAME ? 0 : ahead(1) === 'ESC_IDENTIFIER' ? 1 : { none: 1 }),
    },
  ],
  literal: [
    {
      kind: 'choice',
      of: LITERALS.map((text) => {
        const value: Node = { kind: 'token', token: text };
        return text === 'NUM_INT' || text === 'NUM_FLOAT' ? [optional(token('-')), value] : [value];
      }),
      choose: literalOf,
    },
  ],
};
