/** All functions an expression can call. Names that several libraries share are one function with all their forms. */
import { authorizer } from './authorizer.ts';
import { conversions } from './conversions.ts';
import { kubernetes } from './kubernetes.ts';
import { lists } from './lists.ts';
import { net } from './net.ts';
import { operators } from './operators.ts';
import type { Overload } from './overload.ts';
import { strings } from './strings.ts';

const functions = new Map<string, readonly Overload[]>();
for (const library of [operators, conversions, strings, lists, kubernetes, net, authorizer])
  for (const [name, overloads] of Object.entries(library))
    functions.set(name, [...(functions.get(name) ?? []), ...overloads]);

/** All forms of a function; undefined when there is none of that name. */
export function findFunction(name: string): readonly Overload[] | undefined {
  return functions.get(name);
}
