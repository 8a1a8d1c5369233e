/**
 * What is put into a parsed script before it runs, so that it runs as in a container of a live process: each command's
 * output goes out when the command ends, what ends in `&` runs beside the rest, each turn of a loop lets everything else run, and a file that cannot be written
 * keeps its command from running, as the library itself only sees that afterwards. Changes the tree in place; pure.
 */

/** A node of the library's tree, as far as it is looked at here. */
export interface TreeNode {
  type: string;
  [field: string]: unknown;
}

interface Redirection extends TreeNode {
  fd: number | null;
  operator: string;
  target: TreeNode;
}

interface Statement extends TreeNode {
  pipelines: { commands: TreeNode[] }[];
}

export interface ScriptNames {
  /** Files that are the outer output. */
  out: string;
  err: string;
  /** Programs: one that waits for a moment, one that fails where a file cannot be written, one that runs its word beside the rest. */
  pause: string;
  mayWrite: string;
  background: string;
  /** The variables that are `$!` and `$0`. */
  lastJob: string;
  zero: string;
}

const WRITES = new Set(['>', '>>', '>|', '&>', '&>>']);
/** What follows `exec` takes its place for good, with all its redirections. */
const REPLACING = 'exec';

/** `outermost`: its output is the outer one; what such a script runs in turn hands its own back to who runs it. */
export function prepareScript(statements: readonly TreeNode[], names: ScriptNames, outermost: boolean): void {
  sendToBackground(statements, names);
  instrument(statements, names);
  if (outermost) for (const statement of statements) directOutput(statement as Statement, names);
}

/** Programs that read their input where no file is named, and how many words before the files are none. */
const READERS = new Map<string, number>([
  ...'cat sort uniq wc head tail cut tac rev nl od base64 md5sum sha1sum sha256sum gzip gunzip zcat paste fold strings sh bash'
    .split(' ')
    .map((name): [string, number] => [name, 0]),
  ...'grep egrep fgrep sed awk jq'.split(' ').map((name): [string, number] => [name, 1]),
  ...'tr tee xargs read mapfile readarray'.split(' ').map((name): [string, number] => [name, Number.POSITIVE_INFINITY]),
]);
/** Flags whose next word is their value. */
const VALUED: Readonly<Record<string, RegExp>> = {
  head: /^-[nc]$/,
  tail: /^-[nc]$/,
  cut: /^-[dfcb]$/,
  sort: /^-[ktSo]$/,
  grep: /^-[efmABC]$/,
  sed: /^-[ef]$/,
  awk: /^-[Fvf]$/,
  fold: /^-w$/,
  base64: /^-w$/,
};

/** Whether something in the script reads the outer input, as far as that can be seen; in doubt it does. */
export function wantsInput(node: unknown): boolean {
  if (Array.isArray(node)) return node.some(wantsInput);
  if (typeof node !== 'object' || node === null) return false;
  const found = node as TreeNode;
  if (redirectionsOf(found).some(({ operator }) => operator.startsWith('<'))) return false;
  // Only the first of a pipe has it.
  if (found.type === 'Pipeline') return wantsInput((found['commands'] as TreeNode[])[0]);
  if (found.type === 'SimpleCommand') {
    const name = literal(found['name']) ?? '';
    const before = READERS.get(name);
    const args = (found['args'] as TreeNode[]).map((one) => literal(one));
    if (before !== undefined && (args.includes('-') || wordsAmong(args, VALUED[name]).length <= before)) return true;
  }
  return Object.values(found).some(wantsInput);
}

/** Words that are neither flags nor their values; a word that is not known before it runs counts as one. */
function wordsAmong(args: readonly (string | null)[], valued: RegExp | undefined): (string | null)[] {
  return args.filter((arg, at) => arg === null || (!arg.startsWith('-') && valued?.test(args[at - 1] ?? '') !== true));
}

/** Functions that a script defines at its top, by their names. */
export function functionsIn(statements: readonly TreeNode[]): Map<string, TreeNode> {
  const found = new Map<string, TreeNode>();
  for (const statement of statements) {
    const [pipeline, ...more] = (statement as Statement).pipelines;
    const [command, ...others] = pipeline?.commands ?? [];
    if (command?.type === 'FunctionDef' && more.length + others.length === 0)
      found.set(String(command['name']), statement);
  }
  return found;
}

/** Sends what reaches the outer output to its files, command by command. */
function directOutput(statement: Statement, names: ScriptNames): void {
  for (const { commands } of statement.pipelines)
    for (const [index, command] of commands.entries()) direct(command, index === commands.length - 1, names);
}

function direct(command: TreeNode, last: boolean, names: ScriptNames): void {
  if (command.type === 'SimpleCommand') {
    if (command['name'] === null || literal(command['name']) === REPLACING) return;
    const own = redirectionsOf(command);
    // Before its own: what it says of itself comes later, and wins.
    command['redirections'] = [...(last ? [append(null, names.out)] : []), append(2, names.err), ...own];
    return;
  }
  if (
    !last ||
    command.type === 'FunctionDef' ||
    redirectionsOf(command).some(({ operator }) => WRITES.has(operator) || operator === '>&')
  )
    return;
  for (const below of bodiesOf(command)) directOutput(below, names);
}

/** Statements of a compound command that share its output. */
function bodiesOf(command: TreeNode): Statement[] {
  const lists: unknown[] = [command['condition'], command['body'], command['elseBody']];
  for (const clause of (command['clauses'] ?? command['items'] ?? []) as TreeNode[])
    lists.push(clause['condition'], clause['body']);
  return lists.flatMap((list) => (Array.isArray(list) ? (list as Statement[]) : []));
}

/** What runs beside the rest is a script of its own, for a shell of its own. */
function sendToBackground(node: unknown, names: ScriptNames): void {
  if (Array.isArray(node)) {
    for (const one of node) sendToBackground(one, names);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const found = node as TreeNode;
  if (found.type === 'ParameterExpansion' && found['parameter'] === '!') found['parameter'] = names.lastJob;
  if (found.type === 'ParameterExpansion' && found['parameter'] === '0') found['parameter'] = names.zero;
  if (found.type === 'Statement' && found['background'] === true) {
    const text = String(found['sourceText'] ?? '').replace(/\s*&\s*$/, '');
    const script = { type: 'Word', parts: [{ type: 'SingleQuoted', value: text }] };
    Object.assign(found, statement([[simple(names.background, script)]]));
    return;
  }
  for (const below of Object.values(found)) sendToBackground(below, names);
}

/** Everywhere, substitutions and functions as well. */
function instrument(node: unknown, names: ScriptNames): void {
  if (Array.isArray(node)) {
    for (const one of node) instrument(one, names);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const found = node as TreeNode;
  for (const below of Object.values(found)) instrument(below, names);
  const { type } = found;
  const turn =
    type === 'While' || type === 'Until'
      ? found['condition']
      : type === 'For' || type === 'CStyleFor'
        ? found['body']
        : undefined;
  if (Array.isArray(turn)) turn.unshift(statement([[simple(names.pause)]]));
  if (type === 'Pipeline') found['commands'] = (found['commands'] as TreeNode[]).map((one) => checked(one, names));
}

function checked(command: TreeNode, names: ScriptNames): TreeNode {
  const written = redirectionsOf(command).filter(
    ({ operator, target }) => WRITES.has(operator) && target.type === 'Word',
  );
  if (written.length === 0 || command.type === 'FunctionDef' || literal(command['name']) === REPLACING) return command;
  const check = simple(names.mayWrite, ...written.map(({ target }) => target));
  return { type: 'Group', body: [statement([[check], [command]], '&&')], redirections: [] };
}

function redirectionsOf(command: TreeNode): Redirection[] {
  return (command['redirections'] ?? []) as Redirection[];
}

function literal(word: unknown): string | null {
  const [part, ...more] = ((word as TreeNode | null)?.['parts'] ?? []) as TreeNode[];
  const plain = part?.type === 'Literal' || part?.type === 'SingleQuoted';
  return plain && more.length === 0 ? String(part?.['value']) : null;
}

function word(text: string): TreeNode {
  return { type: 'Word', parts: [{ type: 'Literal', value: text }] };
}

function append(fd: number | null, path: string): Redirection {
  return { type: 'Redirection', fd, operator: '>>', target: word(path) };
}

function simple(name: string, ...args: TreeNode[]): TreeNode {
  return { type: 'SimpleCommand', assignments: [], name: word(name), args, redirections: [] };
}

function statement(pipelines: readonly TreeNode[][], ...operators: string[]): Statement {
  return {
    type: 'Statement',
    pipelines: pipelines.map((commands) => ({ type: 'Pipeline', commands, negated: false })),
    operators,
    background: false,
  };
}
