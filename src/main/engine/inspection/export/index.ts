/** A report as a file: HTML to read and print, CSV for spreadsheets, JSON for programs, SARIF for code scanning. */
import type { ExportedFile, InspectionRun, RuleInfo } from '#shared/contract/inspection.ts';
import type { Language } from '#shared/i18n/index.ts';
import type { EXPORT_FORMATS } from '#shared/inspection.ts';
import type { Assessment } from '../report/assess.ts';
import { csvOf } from './csv.ts';
import { htmlOf } from './html.ts';
import { jsonOf } from './json.ts';
import { sarifOf } from './sarif.ts';

export interface ExportInput {
  run: InspectionRun;
  previous: InspectionRun | null;
  assessment: Assessment;
  rules: readonly RuleInfo[];
  language: Language;
  /** Where objects are from that are in no cluster. */
  file?: string | undefined;
}

const FORMATS: Record<
  (typeof EXPORT_FORMATS)[number],
  { mediaType: string; extension: string; make(input: ExportInput): string }
> = {
  html: { mediaType: 'text/html;charset=utf-8', extension: 'html', make: htmlOf },
  csv: { mediaType: 'text/csv;charset=utf-8', extension: 'csv', make: csvOf },
  json: { mediaType: 'application/json', extension: 'json', make: jsonOf },
  sarif: { mediaType: 'application/sarif+json', extension: 'sarif', make: sarifOf },
};

export function exportReport(format: keyof typeof FORMATS, input: ExportInput): ExportedFile {
  const { mediaType, extension, make } = FORMATS[format];
  // Letters of every script, but nothing that means something to a file system.
  const name = input.run.name.replace(/[^\p{L}\p{N}._-]+/gu, '-');
  const time = input.run.startedAt.slice(0, 16).replace(/[:T]/g, '-');
  return { name: `inspection-${name}-${time}.${extension}`, mediaType, text: make(input) };
}
