/**
 * Everything that is wrong with the syntax of an expression, as the reference parser tells it: having met what it cannot
 * read it drops a token, takes one for granted, or skips what no rule around it goes on with, and says nothing more until
 * something fits again. Source: ANTLR's default error strategy, which cel-go uses.
 */
import { END, type Node, RULES, type Sequence, TOKENS } from './grammar.ts';
import { CompileError, KEYWORDS, type Token } from './lexer.ts';

/** Words that are kept from being names of variables and functions. */
export const RESERVED: ReadonlySet<string> = new Set(
  'as break const continue else for function if import let loop package namespace return var void while'.split(' '),
);

export const MAX_DEPTH = 250;
const ATTEMPTS = 30;
const PRIMARY = RULES.primary![0];
const ORDER = new Map<string, number>(TOKENS.map((name, index) => [name, index]));

/** What may come next; `ends`: or the rule may be over. */
interface Next {
  tokens: Set<string>;
  ends: boolean;
}

const firstOf = new Map<Sequence, Next>();

function next(sequence: Sequence): Next {
  const known = firstOf.get(sequence);
  if (known !== undefined) return known;
  const tokens = new Set<string>();
  let ends = true;
  for (const node of sequence) {
    const { tokens: more, ends: skipped } = nextOf(node);
    for (const each of more) tokens.add(each);
    ends = skipped;
    if (!ends) break;
  }
  const result = { tokens, ends };
  firstOf.set(sequence, result);
  return result;
}

function nextOf(node: Node): Next {
  switch (node.kind) {
    case 'token':
      return { tokens: new Set([node.token]), ends: false };
    case 'anyOf':
      return { tokens: new Set(node.tokens), ends: false };
    case 'rule':
      return next(RULES[node.name]!);
    case 'optional':
      return { ...next(node.body), ends: true };
    case 'repeated':
      return { ...next(node.body), ends: node.least === 0 };
    case 'choice': {
      const all = node.of.map(next);
      return { tokens: new Set(all.flatMap(({ tokens }) => [...tokens])), ends: all.some(({ ends }) => ends) };
    }
  }
}

/** What follows in the rules around: of each what is left of it, the inmost first. */
interface Around {
  left: Sequence;
  outer: Around | null;
}

type Repeated = Node & { kind: 'repeated' };

/** What is being read: a rule, or part of one. */
interface Part {
  sequence: Sequence;
  /** How far it is read. */
  at: number;
  /** What follows in the rule. */
  after: Sequence;
  precedence: number;
  around: Around | null;
  /** Of a rule its name, and where it was begun. */
  rule?: { name: string; caller: Node | null };
  /** Of one round of a repetition the whole, and what may follow. */
  repeated?: { node: Repeated; again: Sequence };
}

/** Ends the rule that is being read; reported when it is caught. */
class Misfit {
  readonly at: Token;
  readonly text: string;
  constructor(at: Token, text: string) {
    this.at = at;
    this.text = text;
  }
}

class GivenUp {}

/** In the order in which they were met; `source` has zeros where there are no tokens. */
export function syntaxErrors(source: string, tokens: readonly Token[]): CompileError[] {
  const walk = new Walk(source, tokens);
  try {
    walk.whole();
  } catch (error) {
    if (!(error instanceof GivenUp)) throw error;
  }
  return [...walk.errors, ...walk.reserved];
}

class Walk {
  readonly errors: CompileError[] = [];
  /** Told by whoever looks at what has been read. */
  readonly reserved: CompileError[] = [];
  readonly #source: string;
  readonly #tokens: readonly Token[];
  #index = 0;
  /** Nothing is told until something fits. */
  #recovering = false;
  readonly #parts: Part[] = [];
  #attempts = 0;
  #depth = 0;
  /** Where in the grammar it is, to see that it does not stand still. */
  #state: unknown = null;
  #failedAt = -1;
  readonly #failedIn = new Set<unknown>();

  constructor(source: string, tokens: readonly Token[]) {
    this.#source = source;
    this.#tokens = tokens;
  }

  /** Walks through all rules; those that are begun are kept in a list, since they may be nested deeper than calls. */
  whole(): void {
    this.#begin('start', 0, { left: [], outer: null }, null);
    for (let part = this.#parts.at(-1); part !== undefined; part = this.#parts.at(-1)) {
      const node = part.sequence[part.at];
      part.at += 1;
      try {
        if (node !== undefined) this.#step(node, [...part.sequence.slice(part.at), ...part.after], part);
        else this.#end(this.#parts.pop()!);
      } catch (error) {
        if (!(error instanceof Misfit)) throw error;
        this.#leave(error);
      }
    }
  }

  #begin(name: string, precedence: number, around: Around, caller: Node | null): void {
    if (name === 'expression') this.#deeper();
    this.#parts.push({ sequence: RULES[name]!, at: 0, after: [], precedence, around, rule: { name, caller } });
  }

  #deeper(): void {
    this.#depth += 1;
    if (this.#depth <= MAX_DEPTH) return;
    this.errors.push(tooDeep());
    throw new GivenUp();
  }

  /** Leaves the rule that did not fit, and finds where what is around it may go on. */
  #leave({ at, text }: Misfit): void {
    let part = this.#parts.pop()!;
    while (part.rule === undefined) part = this.#parts.pop()!;
    this.#report(at, text);
    this.#recover(part.around);
    this.#end(part);
  }

  #end({ rule, repeated, precedence, around }: Part): void {
    if (rule !== undefined) {
      this.#state = rule.caller;
      if (rule.name === 'expression') this.#depth -= 1;
    }
    if (repeated === undefined) return;
    const { node, again } = repeated;
    this.#state = node.body;
    this.#syncBetween(again, around);
    if (this.#goesOn(node, precedence))
      this.#parts.push({ sequence: node.body, at: 0, after: again, precedence, around, repeated });
  }

  #step(node: Node, left: Sequence, { precedence, around }: Part): void {
    const into = (sequence: Sequence): void => {
      this.#parts.push({ sequence, at: 0, after: left, precedence, around });
    };
    this.#state = node;
    switch (node.kind) {
      case 'token':
        this.#match(node, left, around);
        break;
      case 'anyOf':
        this.#fits();
        this.#index += 1;
        break;
      case 'rule':
        this.#begin(node.name, node.precedence, { left, outer: around }, node);
        break;
      case 'optional':
        this.#sync([node, ...left], around);
        if (next(node.body).tokens.has(this.#ahead(1))) into(node.body);
        break;
      case 'choice': {
        this.#sync([node, ...left], around);
        const chosen = node.choose((distance) => this.#ahead(distance));
        if (typeof chosen !== 'number') throw this.#noneAt(chosen.none);
        if (node === PRIMARY && chosen <= 1) this.#checkName(this.#token(this.#ahead(1) === "'.'" ? 2 : 1));
        into(node.of[chosen]!);
        break;
      }
      case 'repeated': {
        this.#sync([node, ...left], around);
        if (node.least === 0 && !this.#goesOn(node, precedence)) break;
        const again: Sequence = [{ ...node, least: 0 }, ...left];
        this.#parts.push({ sequence: node.body, at: 0, after: again, precedence, around, repeated: { node, again } });
      }
    }
  }

  #goesOn(node: Repeated, precedence: number): boolean {
    if (node.goesOn === undefined) return next(node.body).tokens.has(this.#ahead(1));
    const found = node.goesOn((distance) => this.#ahead(distance), precedence);
    if (typeof found !== 'boolean') throw this.#noneAt(found.none);
    return found;
  }

  #checkName({ at, text }: Token): void {
    if (RESERVED.has(text)) this.reserved.push(new CompileError(at, `reserved identifier: ${text}`));
  }

  #token(distance: number): Token {
    return this.#tokens[Math.min(this.#index + distance - 1, this.#tokens.length - 1)]!;
  }

  #ahead(distance: number): string {
    return kindOf(this.#token(distance));
  }

  #consume(): void {
    if (this.#ahead(1) !== END) this.#index += 1;
  }

  #fits(): void {
    this.#recovering = false;
    this.#failedAt = -1;
    this.#failedIn.clear();
  }

  #match(node: Node & { kind: 'token' }, left: Sequence, around: Around | null): void {
    if (this.#ahead(1) === node.token) {
      this.#fits();
      this.#consume();
      return;
    }
    this.#attempt();
    const expected = expectedTokens([node, ...left], around);
    if (this.#dropped(expected)) {
      this.#consume();
      return;
    }
    if (!expectedTokens(left, around).has(this.#ahead(1))) throw this.#mismatched(expected);
    this.#report(this.#token(1), `missing ${listed(expected)} at ${this.#shown()}`);
  }

  /** Ahead of something that need not be there or is one of several. */
  #sync(left: Sequence, around: Around | null): void {
    if (this.#recovering || this.#goesWith(left)) return;
    const expected = expectedTokens(left, around);
    if (!this.#dropped(expected)) throw this.#mismatched(expected);
  }

  /** Between two rounds of a repetition. */
  #syncBetween(left: Sequence, around: Around | null): void {
    if (this.#recovering || this.#goesWith(left)) return;
    const expected = expectedTokens(left, around);
    this.#unwanted(expected);
    this.#skipTo(new Set([...expected, ...followers(around)]));
  }

  #goesWith(left: Sequence): boolean {
    const { tokens, ends } = next(left);
    return ends || tokens.has(this.#ahead(1));
  }

  /** Drops the next token where what comes behind it is expected. */
  #dropped(expected: ReadonlySet<string>): boolean {
    if (!expected.has(this.#ahead(2))) return false;
    this.#unwanted(expected);
    this.#consume();
    this.#fits();
    return true;
  }

  #recover(around: Around | null): void {
    this.#attempt();
    if (this.#failedAt === this.#index && this.#failedIn.has(this.#state)) this.#consume();
    this.#failedAt = this.#index;
    this.#failedIn.add(this.#state);
    this.#skipTo(followers(around));
  }

  #skipTo(wanted: ReadonlySet<string>): void {
    while (this.#ahead(1) !== END && !wanted.has(this.#ahead(1))) this.#consume();
  }

  #attempt(): void {
    if (this.#attempts++ < ATTEMPTS) return;
    this.errors.push(malformed(this.#token(1), `error recovery attempt limit exceeded: ${ATTEMPTS}`));
    throw new GivenUp();
  }

  #report(at: Token, text: string): void {
    if (this.#recovering) return;
    this.#recovering = true;
    this.errors.push(malformed(at, text));
  }

  #unwanted(expected: ReadonlySet<string>): void {
    this.#report(this.#token(1), `extraneous input ${this.#shown()} expecting ${listed(expected)}`);
  }

  #mismatched(expected: ReadonlySet<string>): Misfit {
    return new Misfit(this.#token(1), `mismatched input ${this.#shown()} expecting ${listed(expected)}`);
  }

  /** No way to read what comes next, as the token at the distance shows. */
  #noneAt(distance: number): Misfit {
    const [first, last] = [this.#token(1), this.#token(distance)];
    const text =
      first.kind === 'end' ? '<EOF>' : this.#source.slice(first.at, last.at + lengthOf(last)).replaceAll('\0', '');
    const reserved = /^.(true|false|null)$/s.exec(text)?.[1];
    return new Misfit(
      last,
      reserved === undefined
        ? `no viable alternative at input ${escaped(text)}`
        : `mismatched input '${reserved}' expecting IDENTIFIER`,
    );
  }

  #shown(): string {
    const { kind, shown, text } = this.#token(1);
    return escaped(kind === 'end' ? '<EOF>' : (shown ?? text));
  }
}

/** Nowhere in particular. */
export const tooDeep = (): CompileError => new CompileError(-1, `expression recursion limit exceeded: ${MAX_DEPTH}`);

const malformed = (at: Token, text: string): CompileError => new CompileError(at.at, `Syntax error: ${text}`);

/** What may come next in this rule and, as far as they may be over, in those around it. */
function expectedTokens(left: Sequence, around: Around | null): Set<string> {
  const { tokens, ends } = next(left);
  const result = new Set(tokens);
  let more = ends;
  let outer = around;
  for (; more && outer !== null; outer = outer.outer) {
    const following = next(outer.left);
    for (const each of following.tokens) result.add(each);
    more = following.ends;
  }
  if (more) result.add(END);
  return result;
}

/** What any of the rules around could go on with. */
function followers(around: Around | null): Set<string> {
  const result = new Set<string>();
  for (let each = around; each !== null; each = each.outer)
    for (const token of next(each.left).tokens) result.add(token);
  return result;
}

function listed(tokens: ReadonlySet<string>): string {
  const names = [...tokens].sort((a, b) => ORDER.get(a)! - ORDER.get(b)!);
  return names.length === 1 ? names[0]! : `{${names.join(', ')}}`;
}

const NAMES: Partial<Record<Token['kind'], string>> = {
  end: END,
  int: 'NUM_INT',
  uint: 'NUM_UINT',
  double: 'NUM_FLOAT',
  string: 'STRING',
  bytes: 'BYTES',
  escaped: 'ESC_IDENTIFIER',
};

function kindOf({ kind, text }: Token): string {
  const known = NAMES[kind];
  if (known !== undefined) return known;
  return kind === 'identifier' && !KEYWORDS.has(text) ? 'IDENTIFIER' : `'${text}'`;
}

const lengthOf = ({ kind, shown, text }: Token): number => (kind === 'end' ? 0 : (shown ?? text).length);

const escaped = (text: string): string =>
  `'${text.replaceAll('\t', '\\t').replaceAll('\n', '\\n').replaceAll('\r', '\\r')}'`;
