/** Variables while compiling, their values and the budget while evaluating. */
import { CompileError } from './lexer.ts';
import type { Node } from './parser.ts';
import { type CelType, DYN } from './types.ts';
import { type CelValue, CostExceeded } from './values.ts';

/** What an evaluation works on: values of variables by slot, and what it may still cost. */
export interface Frame {
  slots: (CelValue | undefined)[];
  budget: number;
}

export interface Compiled {
  type: CelType;
  /** What an evaluation costs at most, as the real server estimates it before it has seen an object. */
  cost: number;
  /** Part of a variable, so that a schema says how long it can be. */
  placed?: boolean;
  run(frame: Frame): CelValue;
}

/** A message that expressions can build. */
export interface MessageType {
  type: CelType;
  /** Undefined: it has no such field. */
  field(name: string): CelType | undefined;
}

/** The messages an expression can build, by name. */
export type MessageTypes = (name: string) => MessageType | undefined;

export type Compiler = (node: Node, scope: Scope) => Compiled;

/** Stands for what cannot be compiled; never run. */
const UNUSABLE: Compiled = {
  type: DYN,
  cost: 0,
  run() {
    throw new Error('an expression with problems was run');
  },
};

/** Variables in reach while compiling; a macro adds its own. */
export class Scope {
  readonly #names: ReadonlyMap<string, { type: CelType; slot: number }>;
  /** Names that were used. */
  readonly used: Set<string>;
  /** What was found wrong so far. */
  readonly problems: CompileError[];
  readonly #counter: { next: number };
  readonly #compiler: Compiler;
  readonly messages: MessageTypes;

  private constructor(
    names: ReadonlyMap<string, { type: CelType; slot: number }>,
    used: Set<string>,
    problems: CompileError[],
    counter: { next: number },
    compiler: Compiler,
    messages: MessageTypes,
  ) {
    this.#names = names;
    this.used = used;
    this.problems = problems;
    this.#counter = counter;
    this.#compiler = compiler;
    this.messages = messages;
  }

  /** Slots are given in the order of the variables. */
  static of(
    variables: Readonly<Record<string, CelType>>,
    compiler: Compiler,
    messages: MessageTypes = () => undefined,
  ): Scope {
    const names = new Map(Object.entries(variables).map(([name, type], slot) => [name, { type, slot }]));
    return new Scope(names, new Set(), [], { next: names.size }, compiler, messages);
  }

  with(name: string, type: CelType): { scope: Scope; slot: number } {
    const slot = this.#counter.next++;
    const names = new Map([...this.#names, [name, { type, slot }]]);
    return { scope: new Scope(names, this.used, this.problems, this.#counter, this.#compiler, this.messages), slot };
  }

  find(name: string): { type: CelType; slot: number } | undefined {
    const found = this.#names.get(name);
    if (found !== undefined) this.used.add(name);
    return found;
  }

  /** Of a variable, without using it. */
  typeOf(name: string): CelType | undefined {
    return this.#names.get(name)?.type;
  }

  /** Compiles with these variables in reach. What is wrong is noted, and taken to be anything by what is around it. */
  compile(node: Node): Compiled {
    try {
      return this.#compiler(node, this);
    } catch (error) {
      if (!(error instanceof CompileError)) throw error;
      this.problems.push(error);
      return UNUSABLE;
    }
  }

  has(name: string): boolean {
    return this.#names.has(name);
  }
}

export function charge(frame: Frame, cost: number): void {
  frame.budget -= cost;
  if (frame.budget < 0) throw new CostExceeded();
}
