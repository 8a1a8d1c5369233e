/** pods/log: options as the real server checks them, the text from whatever runs the pods. Source: core/v1 PodLogOptions. */
import type { LogRequest } from '../backend.ts';
import { parseInteger } from '../request/options.ts';
import { isTrue } from '../request/route.ts';
import type { ApiAnswer } from '../request/types.ts';
import { invalid } from '../status.ts';
import type { FieldError } from '../types.ts';
import { checkHasLog, containerOf } from './containers.ts';
import type { VerbContext } from './context.ts';
import { unreachableNode } from './nodes.ts';
import { readObject } from './read.ts';

const NO_CONTENT: ApiAnswer = { status: 204, body: { kind: 'raw', data: '', contentType: 'text/plain' } };

export async function podLog(context: VerbContext): Promise<ApiAnswer> {
  const { core, user, request } = context;
  const { object: pod } = readObject(context);
  const options = parseLogOptions(request.query, pod.metadata.name ?? '');
  const container = containerOf(pod, request.query.get('container') ?? '');
  // No node has been chosen, so nobody can have written anything.
  if ((pod.spec?.nodeName ?? '') === '') return NO_CONTENT;
  if (core.pods === null) throw unreachableNode(core, context.kind, pod.spec.nodeName, 'containerLogs');
  checkHasLog(pod, container, options.previous);
  const gone = new AbortController();
  request.signal?.().addEventListener('abort', () => gone.abort(), { once: true });
  const pieces = core.pods.logs({ pod, container, user, ...options }, gone.signal)[Symbol.asyncIterator]();
  // What is refused is refused before the first piece, while it can still become a Status.
  const first = await pieces.next();
  const data = rest(first, pieces, options.limitBytes, gone);
  return { status: 200, body: { kind: 'stream', data, contentType: 'text/plain', messages: true } };
}

async function* rest(
  first: IteratorResult<Uint8Array>,
  pieces: AsyncIterator<Uint8Array>,
  limit: number | null,
  gone: AbortController,
): AsyncGenerator<Uint8Array> {
  let left = limit ?? Number.POSITIVE_INFINITY;
  try {
    for (let step = first; step.done !== true && left > 0; step = await pieces.next()) {
      const piece = step.value.length > left ? step.value.subarray(0, left) : step.value;
      left -= piece.length;
      yield piece;
    }
  } finally {
    gone.abort();
    await pieces.return?.();
  }
}

type LogOptions = Omit<LogRequest, 'pod' | 'container' | 'user'>;

function parseLogOptions(query: URLSearchParams, pod: string): LogOptions {
  const errors: FieldError[] = [];
  const atLeast = (name: string, least: 0 | 1): number | null => {
    const value = parseInteger(query, name);
    const text = `must be greater than${least === 0 ? ' or equal to' : ''} 0`;
    if (value !== null && value < least)
      errors.push({ type: 'FieldValueInvalid', field: name, message: `Invalid value: ${value}: ${text}` });
    return value;
  };
  const tailLines = atLeast('tailLines', 0);
  const limitBytes = atLeast('limitBytes', 1);
  const sinceSeconds = atLeast('sinceSeconds', 1);
  const sinceText = query.get('sinceTime') ?? '';
  const sinceTime = sinceText === '' ? null : Date.parse(sinceText);
  if (sinceTime !== null && sinceSeconds !== null)
    errors.push({
      type: 'FieldValueForbidden',
      field: '',
      message: 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified',
    });
  const stream = query.get('stream') ?? 'All';
  if (stream !== 'All' && stream !== 'Stdout' && stream !== 'Stderr')
    errors.push({
      type: 'FieldValueNotSupported',
      field: 'stream',
      message: `Unsupported value: "${stream}": supported values: "All", "Stderr", "Stdout"`,
    });
  if (stream !== 'All' && tailLines !== null)
    errors.push({
      type: 'FieldValueForbidden',
      field: '',
      message: 'Forbidden: `tailLines` and specific `stream` are mutually exclusive for now',
    });
  if (errors.length > 0) throw invalid({ group: '', kind: 'PodLogOptions' }, pod, errors);
  return {
    follow: isTrue(query.get('follow')),
    previous: isTrue(query.get('previous')),
    sinceSeconds,
    sinceTime: Number.isNaN(sinceTime) ? null : sinceTime,
    tailLines,
    limitBytes,
    timestamps: isTrue(query.get('timestamps')),
    stream: stream as LogOptions['stream'],
  };
}
