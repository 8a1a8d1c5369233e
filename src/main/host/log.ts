/**
 * The hosts' log: lines on standard error (standard output belongs to results), and in `<data directory>/log.jsonl`
 * once the directory is known. Secrets never reach it: callers pass codes and names, and what looks like a credential
 * is struck out in case somebody forgets.
 */
import { existsSync, renameSync, statSync } from 'node:fs';
import path from 'node:path';
import pino from 'pino';
import type { Log } from '../engine/types.ts';

const MAX_FILE_BYTES = 5 * 1024 * 1024;

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

const credentialFields = ['token', 'password', 'secret', 'kubeconfig', 'clientKey', 'authorization', 'cookie'];

export interface HostLog extends Log {
  /** Also write to the log file of this data directory from now on. */
  toFile(dataDir: string): void;
}

/** `level` counts for standard error; the file gets `info` and above. */
export function createLog(
  level: LogLevel = levelFromEnvironment(),
  stderr: NodeJS.WritableStream = process.stderr,
): HostLog {
  const streams = pino.multistream([{ level: level === 'silent' ? 'fatal' : level, stream: lines(stderr) }]);
  const logger = pino(
    {
      base: undefined,
      level: 'debug',
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: { paths: credentialFields.flatMap((name) => [name, `*.${name}`]), censor: '(struck out)' },
    },
    streams,
  );
  const at =
    (label: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, fields: Record<string, unknown> = {}): void =>
      logger[label](fields, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    toFile(dataDir) {
      const file = path.join(dataDir, 'log.jsonl');
      try {
        if (existsSync(file) && statSync(file).size > MAX_FILE_BYTES) renameSync(file, `${file}.old`);
        const destination = pino.destination({ dest: file, sync: true, mode: 0o600 });
        // A full disk must not end the program because of its log.
        destination.on('error', () => {});
        streams.add({ level: 'info', stream: destination });
      } catch (error) {
        logger.warn({ file, error: String(error) }, 'no log file');
      }
    },
  };
}

/** FLEETDECK_LOG=debug|info|warn|error|silent; a person sees warnings and errors otherwise. */
export function levelFromEnvironment(env: NodeJS.ProcessEnv = process.env): LogLevel {
  const wanted = env.FLEETDECK_LOG ?? '';
  return (['debug', 'info', 'warn', 'error', 'silent'] as const).find((level) => level === wanted) ?? 'warn';
}

/** JSON lines for programs, one readable line each for a terminal. */
function lines(stream: NodeJS.WritableStream): { write(line: string): void } {
  const terminal = (stream as { isTTY?: boolean }).isTTY === true;
  return { write: (line) => void stream.write(terminal ? readable(line) : line) };
}

function readable(line: string): string {
  const { time, level, msg, ...fields } = JSON.parse(line) as Record<string, unknown>;
  const rest = Object.entries(fields).map(([name, value]) => ` ${name}=${JSON.stringify(value)}`);
  return `${String(time).slice(11, 19)} ${level} ${msg}${rest.join('')}\n`;
}
