/** Hands a text to the person as a file. */
import { saveFile } from '../../ui/files.ts';

const TYPES = { csv: 'text/csv', json: 'application/json', yaml: 'application/yaml' } as const;

export function download(name: string, format: keyof typeof TYPES, text: string): void {
  saveFile({
    name: `${name}.${format}`,
    mediaType: `${TYPES[format]};charset=utf-8`,
    // Spreadsheets take a CSV for UTF-8 only when it says so.
    text: format === 'csv' ? `\uFEFF${text}` : text,
  });
}
