/**
 * What a command prints: results on standard output, as JSON or for a person, everything else on standard error.
 * Text from clusters is printed without control characters, so that nothing in it can act on the terminal.
 */
import { stripVTControlCharacters } from 'node:util';
import type { AppErrorShape } from '#shared/errors.ts';
import { errorText, type Language, type TextKey, type TextParams, translate } from '#shared/i18n/index.ts';

export interface Column<T> {
  title: string;
  cell(row: T): string | number | null | undefined;
}

export class Output {
  readonly json: boolean;
  readonly language: Language;
  private readonly stdout: NodeJS.WritableStream;
  private readonly stderr: NodeJS.WritableStream;

  constructor(json: boolean, language: Language, stdout: NodeJS.WritableStream, stderr: NodeJS.WritableStream) {
    this.json = json;
    this.language = language;
    this.stdout = stdout;
    this.stderr = stderr;
  }

  text(key: TextKey, params?: TextParams): string {
    return translate(this.language, key, params);
  }

  /** One JSON document on one line. */
  document(value: unknown): void {
    this.stdout.write(`${JSON.stringify(value)}\n`);
  }

  /** A file of another format that sees to its own escapes, as it is. */
  verbatim(text: string): void {
    this.stdout.write(text);
  }

  /** A line of the result, for a person. */
  line(text: string): void {
    this.stdout.write(`${plain(text)}\n`);
  }

  /** What goes on, for a person: standard error, also under --json. */
  note(text: string): void {
    this.stderr.write(`${plain(text)}\n`);
  }

  /** The rows as one JSON array, or as a table in the way of kubectl. */
  table<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    if (this.json) {
      this.document(rows);
      return;
    }
    if (rows.length === 0) {
      this.note(this.text('host.cli.empty'));
      return;
    }
    const cells = [columns.map((column) => column.title), ...rows.map((row) => columns.map((c) => show(c.cell(row))))];
    const widths = columns.map((_, index) => Math.max(...cells.map((line) => width(line[index] as string))));
    for (const line of cells) {
      this.line(
        line
          .map((cell, i) => cell + ' '.repeat((widths[i] as number) - width(cell)))
          .join('   ')
          .trimEnd(),
      );
    }
  }

  error(error: AppErrorShape): void {
    const text = errorText(this.language, error);
    if (this.json) {
      const { code, message, cluster, retryable } = error;
      this.document({ error: { code, message, hint: text.hint, ...(cluster ? { cluster } : {}), retryable } });
      return;
    }
    this.note(`${text.title} [${error.code}]`);
    this.note(this.text('host.cli.what', { hint: text.hint }));
    if (text.detail !== '') this.note(this.text('host.cli.detail', { detail: text.detail }));
  }
}

function show(value: string | number | null | undefined): string {
  return value === null || value === undefined || value === '' ? '-' : plain(String(value));
}

/** Without escape sequences and control characters. */
export function plain(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out.
  return stripVTControlCharacters(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '');
}

/** Columns in a terminal: East Asian wide characters take two. */
export function width(text: string): number {
  let columns = 0;
  for (const char of text)
    columns += /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]/.test(
      char,
    )
      ? 2
      : 1;
  return columns;
}
