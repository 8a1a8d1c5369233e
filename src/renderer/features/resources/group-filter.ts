/** A group as a term of the filter line, and terms put in and taken out. Pure. */

/** Null where no term says exactly that: rows without a value. */
export function groupTerm(group: string, value: string): string | null {
  if (value === '') return null;
  const quoted = /[\s|]/.test(value) ? null : value;
  if (group.startsWith('label:')) return quoted === null ? null : `${group}=${quoted}`;
  if (group === 'level') return `status:${value}`;
  const text = value.includes('"') || value.includes('|') ? null : /\s/.test(value) ? `"${value}"` : value;
  return text === null ? null : `${group}=${text}`;
}

export function withTerm(filter: string, term: string): string {
  return `${filter.trim()} ${term}`.trim();
}

export function withoutTerm(filter: string, term: string): string {
  return ` ${filter} `.includes(` ${term} `) ? ` ${filter} `.replace(` ${term} `, ' ').trim() : filter;
}
