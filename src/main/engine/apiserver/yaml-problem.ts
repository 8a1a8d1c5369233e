/**
 * What is wrong with YAML, in the words of the API server's parser, with the line where that one notices. Source: go-yaml,
 * messages of its scanner and parser.
 */
import type { ErrorCode } from 'yaml';

interface Fault {
  code: ErrorCode;
  /** The first line of what the library says. */
  message: string;
  /** Where it says it, from 1. */
  line: number;
  column: number;
}

/** What the server says, and how many lines away from where the library does. */
type Wording = readonly [text: string, away: number];

const INSIDE_MAP = 'did not find expected key';
const START = 'found character that cannot start any token';
const NO_VALUES = 'mapping values are not allowed in this context';

export function yamlProblemOf(fault: Fault, text: string): string {
  const [said, away] = wordingOf(fault, text.split('\n'));
  const at = fault.line + away;
  return at > 0 ? `yaml: line ${at}: ${said}` : `yaml: ${said}`;
}

function wordingOf(fault: Fault, lines: readonly string[]): Wording {
  const { code, message, line } = fault;
  switch (code) {
    case 'TAB_AS_INDENT':
      return [/:\s*$/.test(lines[line - 2] ?? '') ? START : 'found a tab character that violates indentation', 0];
    case 'BAD_SCALAR_START':
      return [START, 0];
    case 'BAD_DQ_ESCAPE':
      return ['found unknown escape character', 0];
    case 'BLOCK_AS_IMPLICIT_KEY':
      return [NO_VALUES, 0];
    case 'MULTILINE_IMPLICIT_KEY':
      return [hasSibling(fault, lines) ? "could not find expected ':'" : NO_VALUES, 1];
    case 'BAD_INDENT':
    case 'UNEXPECTED_TOKEN':
    case 'MISSING_CHAR':
      return structural(message, line, lines);
    default:
      return [message, 0];
  }
}

function structural(message: string, line: number, lines: readonly string[]): Wording {
  if (/^Implicit map keys need/.test(message)) return ["could not find expected ':'", 1];
  if (/^Missing closing ["']quote/.test(message)) return ['found unexpected end of stream', 0];
  if (/^Flow (sequence|map)\b/.test(message))
    return [`did not find expected ',' or ${/^Flow seq/.test(message) ? "']'" : "'}'"}`, -1];
  if (/^Block scalar header/.test(message)) return ['did not find expected comment or line break', 0];
  if (/^Unexpected flow-\S+-end token/.test(message)) return ['did not find expected node content', -1];
  if (/^All sequence items/.test(message) || (/^Unexpected scalar/.test(message) && isInList(lines, line)))
    return ["did not find expected '-' indicator", -1];
  if (/^(All mapping items|Unexpected scalar)/.test(message)) return [INSIDE_MAP, -1];
  return [message, 0];
}

const indentOf = (line: string): number => line.length - line.trimStart().length;

/** The line above that decides what this one is part of: the nearest that does not begin further in than `indent`. */
function above(lines: readonly string[], line: number, indent: number): string | undefined {
  return lines
    .slice(0, line - 1)
    .reverse()
    .find((each) => each.trim() !== '' && !each.trimStart().startsWith('#') && indentOf(each) <= indent);
}

/** Whether a key of the same map stands above. */
function hasSibling({ line, column }: Fault, lines: readonly string[]): boolean {
  const found = above(lines, line, column - 1);
  return found !== undefined && indentOf(found) === column - 1 && !/^\s*- /.test(found);
}

/** Whether it stands where an item of a list would. */
function isInList(lines: readonly string[], line: number): boolean {
  const indent = indentOf(lines[line - 1] ?? '');
  const found = above(lines, line, indent);
  return found !== undefined && indentOf(found) === indent && /^\s*- /.test(found);
}
