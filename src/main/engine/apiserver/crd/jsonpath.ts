/**
 * The part of kubectl's JSONPath that definitions use for columns, scale and selectable fields: fields, escaped dots,
 * quoted names, indices, wildcards and equality filters. Source: "JSONPath Support" of the kubectl reference.
 */
type Step =
  | { kind: 'field'; name: string }
  | { kind: 'index'; index: number }
  | { kind: 'all' }
  | { kind: 'filter'; path: Step[]; operator: string; value: unknown };

const compiled = new Map<string, Step[] | null>();

/** Values a path selects; none for a path that is not understood. */
export function selectPath(path: string, root: unknown): unknown[] {
  let steps = compiled.get(path);
  if (steps === undefined) {
    steps = parse(path);
    if (compiled.size < 5000) compiled.set(path, steps);
  }
  return steps === null ? [] : walk(steps, [root]);
}

export function isPath(path: string): boolean {
  return parse(path) !== null;
}

/** The names of a path that is fields alone (`.spec.replicas`), or null. */
export function plainFields(path: string): string[] | null {
  const steps = parse(path);
  if (steps === null) return null;
  const names = steps.map((step) => (step.kind === 'field' ? step.name : null));
  return names.includes(null) ? null : (names as string[]);
}

function walk(steps: readonly Step[], roots: unknown[]): unknown[] {
  let here = roots;
  for (const step of steps) here = here.flatMap((value) => take(step, value));
  return here;
}

function take(step: Step, value: unknown): unknown[] {
  if (value === null || typeof value !== 'object') return [];
  if (step.kind === 'all') return Array.isArray(value) ? value : Object.values(value);
  if (step.kind === 'field') {
    if (Array.isArray(value) || !Object.hasOwn(value, step.name)) return [];
    return [(value as Record<string, unknown>)[step.name]];
  }
  if (!Array.isArray(value)) return [];
  if (step.kind === 'index') {
    const item = value.at(step.index);
    return item === undefined ? [] : [item];
  }
  return value.filter((item) => matches(step, walk(step.path, [item])[0]));
}

function matches(step: { operator: string; value: unknown }, got: unknown): boolean {
  if (step.operator === '') return got !== undefined;
  if (step.operator === '!=') return got !== step.value;
  if (step.operator === '==') return got === step.value;
  if (typeof got !== typeof step.value || got === undefined) return false;
  const [a, b] = [got as number, step.value as number];
  if (step.operator === '<') return a < b;
  if (step.operator === '<=') return a <= b;
  return step.operator === '>' ? a > b : a >= b;
}

const FILTER = /^\?\(\s*@((?:\.[\w-]+|\[[^\]]*\])*)\s*(==|!=|<=|>=|<|>)?\s*("[^"]*"|'[^']*'|[\w.-]+)?\s*\)$/;

function parse(text: string): Step[] | null {
  const path = text.startsWith('{') && text.endsWith('}') ? text.slice(1, -1) : text;
  const steps: Step[] = [];
  let at = path.startsWith('$') ? 1 : 0;
  while (at < path.length) {
    if (path[at] === '.') {
      at += 1;
      const match = /^(?:\\.|[^.[\\])+/.exec(path.slice(at));
      // A dot before a bracket stands for nothing; a lone dot is the whole object.
      if (match === null) {
        if (path[at] === '[' || at === path.length) continue;
        return null;
      }
      at += match[0].length;
      steps.push(match[0] === '*' ? { kind: 'all' } : { kind: 'field', name: match[0].replace(/\\(.)/g, '$1') });
    } else if (path[at] === '[') {
      const end = closing(path, at);
      const step = end < 0 ? null : bracket(path.slice(at + 1, end));
      if (step === null) return null;
      steps.push(step);
      at = end + 1;
    } else return null;
  }
  return steps;
}

function closing(path: string, from: number): number {
  let quote = '';
  let depth = 0;
  for (let at = from; at < path.length; at += 1) {
    const letter = path[at] ?? '';
    if (quote !== '') {
      if (letter === quote) quote = '';
    } else if (letter === '"' || letter === "'") quote = letter;
    else if (letter === '[') depth += 1;
    else if (letter === ']') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  return -1;
}

function bracket(inside: string): Step | null {
  if (inside === '*') return { kind: 'all' };
  if (/^-?\d+$/.test(inside)) return { kind: 'index', index: Number(inside) };
  const quoted = /^(['"])(.*)\1$/.exec(inside);
  if (quoted !== null) return { kind: 'field', name: quoted[2] ?? '' };
  const filter = FILTER.exec(inside);
  if (filter === null) return null;
  const path = parse(filter[1] ?? '');
  return path === null ? null : { kind: 'filter', path, operator: filter[2] ?? '', value: literal(filter[3] ?? '') };
}

function literal(text: string): unknown {
  if (/^["']/.test(text)) return text.slice(1, -1);
  if (text === 'true' || text === 'false') return text === 'true';
  const number = Number(text);
  return text === '' || Number.isNaN(number) ? text : number;
}
