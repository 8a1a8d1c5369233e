/**
 * How a running demo is talked to from outside its process: HTTP on 127.0.0.1 with a token, both in `control.json` of
 * the fleet's folder (mode 0600). The engine and the command line use the same client (control-client.ts). It works
 * while the clusters themselves are unreachable, which is the point.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { z } from 'zod';
import type { DemoState } from '#shared/contract/demo.ts';
import { AppError, toErrorShape } from '#shared/errors.ts';
import { CONTROL_FILE, type ControlAnswer, ControlRequest, type ControlState } from './control-protocol.ts';
import { FAULTS, faultOf } from './faults/catalogue/index.ts';
import type { ClusterFaults } from './faults/cluster-faults.ts';
import { isAimed } from './faults/targets.ts';

const MAX_BODY_BYTES = 64 * 1024;

export interface Control {
  close(): Promise<void>;
}

export async function startControl(dir: string, clusters: readonly ClusterFaults[]): Promise<Control> {
  const token = randomBytes(24).toString('base64url');
  const byName = new Map(clusters.map((cluster) => [cluster.cluster, cluster]));
  const waiting = new Set<() => void>();
  // Starts where no earlier process was: a client that waits for a change of the former one learns of this at once.
  let revision = Date.now();
  for (const cluster of clusters) {
    cluster.subscribe(() => {
      revision += 1;
      for (const wake of waiting) wake();
    });
  }

  function faultsOf(name: string): ClusterFaults {
    const cluster = byName.get(name);
    if (cluster !== undefined) return cluster;
    throw new AppError(
      'NOT_FOUND',
      `there is no simulated cluster ${name}; there are: ${[...byName.keys()].join(', ')}`,
      {
        params: { name },
      },
    );
  }

  async function serve(request: z.output<typeof ControlRequest>, gone: AbortSignal): Promise<unknown> {
    switch (request.method) {
      case 'state':
        if (request.after === revision && request.waitMs > 0) await change(request.waitMs, gone);
        return { revision, state: state() } satisfies ControlState;
      case 'targets':
        return faultsOf(request.cluster).targets(faultOf(request.fault));
      case 'start':
        return await faultsOf(request.fault.cluster).start(request.fault);
      case 'stop':
        await faultsOf(request.id.split('/', 1)[0] ?? '').stop(request.id);
        return null;
    }
  }

  function state(): DemoState {
    return {
      clusters: [...byName.keys()],
      faults: FAULTS.map((fault) => ({
        id: fault.id,
        scope: fault.scope,
        aimed: isAimed(fault),
        parameters: [...fault.parameters],
      })),
      active: clusters.flatMap((cluster) => cluster.list()),
    };
  }

  async function change(waitMs: number, gone: AbortSignal): Promise<void> {
    await new Promise<void>((resolve) => {
      const end = () => {
        waiting.delete(end);
        clearTimeout(timer);
        gone.removeEventListener('abort', end);
        resolve();
      };
      const timer = setTimeout(end, waitMs);
      waiting.add(end);
      gone.addEventListener('abort', end);
    });
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    let result: ControlAnswer;
    let status = 200;
    if (!authorised(request.headers.authorization, token)) {
      status = 401;
      result = { ok: false, error: toErrorShape(new AppError('UNAUTHORISED', 'the token is wrong')) };
    } else {
      try {
        const parsed = ControlRequest.safeParse(JSON.parse(await bodyOf(request)));
        if (!parsed.success) throw new AppError('INVALID', z.prettifyError(parsed.error));
        result = { ok: true, value: await serve(parsed.data, gone.signal) };
      } catch (error) {
        result = { ok: false, error: toErrorShape(error) };
      }
    }
    response.writeHead(status, { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' });
    response.end(JSON.stringify(result));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const file = path.join(dir, CONTROL_FILE);
  const { port } = server.address() as AddressInfo;
  writeFileSync(`${file}.new`, `${JSON.stringify({ url: `http://127.0.0.1:${port}/`, token, pid: process.pid })}\n`, {
    mode: 0o600,
  });
  renameSync(`${file}.new`, file);
  return {
    close: () =>
      new Promise((resolve) => {
        rmSync(file, { force: true });
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function authorised(header: string | undefined, token: string): boolean {
  const given = Buffer.from(header ?? '');
  const wanted = Buffer.from(`Bearer ${token}`);
  return given.length === wanted.length && timingSafeEqual(given, wanted);
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new AppError('INVALID', 'the request is too large');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
