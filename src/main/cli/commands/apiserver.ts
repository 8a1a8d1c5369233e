/** `fleetdeck apiserver`: an embedded API server by itself, for tools, tests and measurements. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { AppError } from '#shared/errors.ts';
import type { AuditOptions } from '../../engine/apiserver/index.ts';
import { closeInTime, untilAskedToEnd } from '../../host/lifetime.ts';
import type { Command } from '../command.ts';
import { dataOption, portOf, portOption } from '../options.ts';

export const apiserver: Command = {
  usage:
    'apiserver [--name NAME] [--data DIR] [--port PORT] [--kubeconfig-out FILE] [--version vX.Y.Z] [--controllers LIST] [--disable-admission-plugins LIST] [--token-auth-file FILE] [--audit-log FILE] [--audit-policy FILE]',
  options: {
    name: { type: 'string', value: 'NAME', text: 'host.cli.option.name' },
    data: { ...dataOption, params: { path: path.join('$TMPDIR', 'fleetdeck-apiserver-*') } },
    port: portOption,
    'kubeconfig-out': { type: 'string', value: 'FILE', text: 'host.cli.option.kubeconfigOut' },
    version: { type: 'string', value: 'VERSION', text: 'host.cli.option.version' },
    controllers: { type: 'string', value: 'LIST', text: 'host.cli.option.controllers' },
    'disable-admission-plugins': { type: 'string', value: 'LIST', text: 'host.cli.option.disableAdmission' },
    'token-auth-file': { type: 'string', value: 'FILE', text: 'host.cli.option.tokenFile' },
    'audit-log': { type: 'string', value: 'FILE', text: 'host.cli.option.auditLog' },
    'audit-policy': { type: 'string', value: 'FILE', text: 'host.cli.option.auditPolicy' },
  },
  async run(call) {
    const { out, options } = call;
    const asked = untilAskedToEnd(() => out.note(out.text('host.cli.ending')));
    const name = options.text('name') ?? 'apiserver';
    const chosen = options.text('data');
    const dir = chosen === undefined ? mkdtempSync(path.join(tmpdir(), 'fleetdeck-apiserver-')) : path.resolve(chosen);
    try {
      const { ensureDirectory } = await import('../../engine/store/index.ts');
      ensureDirectory(dir);
      const api = await import('../../engine/apiserver/index.ts');
      const controllers = listOf(options.text('controllers'));
      refuseUnknown('controllers', api.unknownControllers(controllers));
      const disableAdmission = listOf(options.text('disable-admission-plugins'));
      refuseUnknown('admission plugins', api.unknownPlugins(disableAdmission));
      const audit = auditOptions(options.text('audit-log'), options.text('audit-policy'));
      const tokenFile = options.text('token-auth-file');
      const tokens = tokenFile === undefined ? [] : api.parseTokenFile(readGiven(tokenFile));
      const port = portOf(call);
      const version = options.text('version');
      const server = await api.startApiServer({
        dir,
        name,
        ...(port === undefined ? {} : { port }),
        ...(version === undefined ? {} : { version }),
        controllers,
        namespaceDelayMs: api.NAMESPACE_DELAY_MS,
        disableAdmission,
        tokens,
        ...(audit === undefined ? {} : { audit }),
        onError: logged,
      });
      try {
        const own = path.join(dir, 'kubeconfig');
        const wanted = options.text('kubeconfig-out');
        const kubeconfig = wanted === undefined ? own : path.resolve(wanted);
        for (const file of new Set([own, kubeconfig])) writePrivately(file, server.kubeconfig());
        if (call.json) out.document({ ready: true, name, server: server.server, dataDir: dir, kubeconfig });
        else {
          out.line(out.text('host.cli.apiServerReady', { name, server: server.server }));
          out.line(`  ${out.text('host.cli.kubeconfig', { name, path: kubeconfig })}`);
          out.note(out.text('host.cli.stop'));
        }
        await asked;
      } finally {
        await closeInTime(() => server.close());
      }
    } finally {
      // Nobody could find it again, and it holds private keys.
      if (chosen === undefined) rmSync(dir, { recursive: true, force: true });
    }
    return 0;
  },
};

const listOf = (text: string | undefined): string[] => (text ?? '').split(',').filter((each) => each !== '');

function refuseUnknown(what: string, names: readonly string[]): void {
  if (names.length > 0) throw new AppError('INVALID', `unknown ${what}: ${names.join(', ')}`);
}

/** The log is loaded when there is something to write, which is hardly ever; by then the program may have been replaced. */
function logged(error: unknown, where: string): void {
  import('../../host/log.ts').then(
    ({ createLog }) => createLog().error('API server', { where, error: String(error) }),
    () => process.stderr.write(`API server: ${where}: ${stripVTControlCharacters(String(error))}\n`),
  );
}

/** Readable by the owner alone, also where a file with other rights lay. */
function writePrivately(file: string, text: string): void {
  try {
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new AppError('FILE_UNWRITABLE', message, { params: { path: file }, cause: error });
  }
}

/** A policy alone would write nothing anywhere; that is a mistake worth telling. */
function auditOptions(log: string | undefined, policy: string | undefined): AuditOptions | undefined {
  if (log === undefined && policy === undefined) return undefined;
  if (log === undefined) throw new AppError('INVALID', '--audit-policy needs --audit-log');
  return {
    log: path.resolve(log),
    ...(policy === undefined ? {} : { policy: readGiven(policy) }),
  };
}

function readGiven(file: string): string {
  try {
    return readFileSync(path.resolve(file), 'utf8');
  } catch (error) {
    throw new AppError('INVALID', error instanceof Error ? error.message : String(error), { cause: error });
  }
}
