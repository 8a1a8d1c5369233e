/** Values of JSON the way Go prints them inside a pointer to a wrapper, as the refusals of server-side apply show them. */
import { isRecord } from '../json.ts';
import { goValue } from '../patch/strategic.ts';

/** As `%v` does: `&{map[a:1]}`. */
export function goText(value: unknown): string {
  return `&{${goValue(value)}}`;
}

/** As `%#v` does: `map[string]interface {}{"a":1}`. */
export function goSyntax(value: unknown): string {
  if (value === null || value === undefined) return 'interface {}(nil)';
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`;
  if (!isRecord(value)) return String(value);
  const entries = Object.keys(value).sort();
  return `map[string]interface {}{${entries.map((key) => `${JSON.stringify(key)}:${goSyntax(value[key])}`).join(', ')}}`;
}
