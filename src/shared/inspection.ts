/** The words of inspections that both sides go through in order: severities, types and sets of rules, formats. Pure data. */

/** Worst first. */
export const SEVERITIES = ['danger', 'warning', 'notice'] as const;

/** The manual's risk types, made finer where one word would hide what is meant. */
export const RULE_TYPES = [
  'security',
  'access',
  'network',
  'image',
  'resources',
  'reliability',
  'configuration',
  'version',
  'certificate',
  'event',
  'node',
] as const;

/** Groups of rules that are switched together. A rule may be in several. */
export const RULE_SETS = [
  'manual',
  'baseline',
  'restricted',
  'security',
  'reliability',
  'efficiency',
  'hygiene',
  'deprecation',
] as const;

/** Views of a report, compared with the one before: `current` is new and still there. */
export const REPORT_VIEWS = ['current', 'new', 'still', 'fixed', 'exempt'] as const;

export const EXPORT_FORMATS = ['html', 'csv', 'json', 'sarif'] as const;
