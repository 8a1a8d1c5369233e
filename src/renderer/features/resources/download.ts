/** Hands a text to the person as a file. */
const TYPES = { csv: 'text/csv', json: 'application/json', yaml: 'application/yaml' } as const;

export function download(name: string, format: keyof typeof TYPES, text: string): void {
  // Spreadsheets take a CSV for UTF-8 only when it says so.
  const parts = format === 'csv' ? ['\uFEFF', text] : [text];
  const url = URL.createObjectURL(new Blob(parts, { type: `${TYPES[format]};charset=utf-8` }));
  const link = document.createElement('a');
  link.href = url;
  link.download = `${name}.${format}`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
