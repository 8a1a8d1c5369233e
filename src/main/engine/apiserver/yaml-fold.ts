/**
 * Long texts of YAML over several lines, as the API server's library writes them: a line ends at the first space after its
 * 80th column. Source: go-yaml, emitterc.go, yaml_emitter_write_*_scalar.
 */
const WIDTH = 80;
/** Indentation, dashes of lists, key, and what stands behind them. */
const LINE = /^( *)((?:- )*)((?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'|[^'"\s].*?): )?(.*)$/;

/** Folds what was written with a line for every text, keys in lines of their own. */
export function foldLines(text: string): string {
  let block: number | null = null;
  const folded = text.split('\n').map((line) => {
    const indent = line.length - line.trimStart().length;
    // A text that keeps its own lines.
    if (block !== null && (line.trim() === '' || indent > block)) return line;
    block = null;
    const [, lead = '', dashes = '', key = '', value = ''] = LINE.exec(line) ?? [];
    const at = lead.length + dashes.length;
    if (/^[|>][-+\d]*$/.test(value)) block = key === '' ? at - 2 : at;
    if (line.length <= WIDTH) return line;
    return lead + dashes + key + foldScalar(value, at + key.length, ' '.repeat(key === '' ? at : at + 2));
  });
  return folded.join('\n');
}

function foldScalar(scalar: string, from: number, indent: string): string {
  const [first] = scalar;
  const quote = first === '"' || first === "'" ? first : '';
  const content = [...scalar.slice(quote.length, scalar.length - quote.length)];
  let out = quote;
  let column = from + quote.length;
  content.forEach((char, index) => {
    const next = content[index + 1];
    const isEdge = quote !== '' && (index === 0 || next === undefined);
    const isFoldable = char === ' ' && content[index - 1] !== ' ' && !isEdge && column > WIDTH;
    if (!isFoldable || (next === ' ' && quote !== '"')) {
      out += char;
      column += 1;
      return;
    }
    // In double quotes a space at the beginning of a line has to be kept.
    const kept = next === ' ' ? '\\' : '';
    out += `\n${indent}${kept}`;
    column = indent.length + kept.length;
  });
  return out + quote;
}
