/**
 * `fleetdeck plan`: where Karmada's scheduler would place workloads, from clusters and bindings in a file. Nothing is
 * read from or written to a federation. One JSON object a line in (`id`, `clusters`, `spec`, `status`), one a line out.
 */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { AppError } from '#shared/errors.ts';
import type { BindingSpec, BindingStatus, ClusterLike, ScheduleResult } from '../../engine/federation/index.ts';
import { type Call, type Command, UsageError } from '../command.ts';

const Question = z.object({
  id: z.union([z.string(), z.number()]),
  clusters: z.array(z.custom<ClusterLike>((value) => isNamed(value), 'Cluster objects with metadata.name')),
  spec: z.custom<BindingSpec>((value) => isRecord(value) && isRecord(value.resource), 'spec of a ResourceBinding'),
  status: z.custom<BindingStatus>(isRecord, 'status of a ResourceBinding').nullish(),
});

interface Answer {
  id: string | number;
  clusters?: { name: string; replicas?: number | undefined }[];
  error?: string;
  /** Only when no cluster fits: cluster to the rule that took it out. */
  filtered?: Record<string, string>;
  explanation: ScheduleResult['explanation'];
}

export const plan: Command = {
  usage: 'plan --input FILE',
  options: { input: { type: 'string', value: 'FILE', text: 'host.cli.option.planInput' } },
  async run(call) {
    const { scheduleAsKarmada } = await import('../../engine/federation/index.ts');
    const file = call.options.text('input');
    if (file === undefined) throw new UsageError('plan: --input is missing');
    let number = 0;
    for await (const line of lines(file)) {
      number += 1;
      if (line.trim() === '') continue;
      const { id, clusters, spec, status } = read(line, number);
      print(call, answerOf(id, scheduleAsKarmada(clusters, spec, status ?? {})));
    }
    // That a workload does not fit is an answer as well.
    return 0;
  },
};

async function* lines(file: string): AsyncGenerator<string> {
  const input = file === '-' ? process.stdin : createReadStream(file);
  try {
    // A file that cannot be opened says so only through the stream.
    if (input !== process.stdin)
      await new Promise<void>((resolve, reject) => input.once('readable', resolve).once('error', reject));
  } catch (error) {
    throw new AppError('INVALID', `${file}: ${(error as Error).message}`);
  }
  yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
}

function read(line: string, number: number): z.output<typeof Question> {
  try {
    return Question.parse(JSON.parse(line));
  } catch (error) {
    const detail = error instanceof z.ZodError ? z.prettifyError(error) : (error as Error).message;
    throw new AppError('INVALID', `line ${number}: ${detail}`);
  }
}

function answerOf(id: string | number, { clusters, error, explanation }: ScheduleResult): Answer {
  if (error === null) {
    const sorted = [...(clusters ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1));
    return { id, clusters: sorted, explanation };
  }
  const filtered = explanation.flatMap(({ name, rejected }) => (rejected === null ? [] : [[name, rejected.reason]]));
  return {
    id,
    error: error.message,
    ...(error.reason === 'NoClusterFit' ? { filtered: Object.fromEntries(filtered) } : {}),
    explanation,
  };
}

function print(call: Call, answer: Answer): void {
  if (call.json) {
    call.out.document(answer);
    return;
  }
  const placed = answer.clusters?.map(({ name, replicas }) => (replicas === undefined ? name : `${name}:${replicas}`));
  call.out.line(`${answer.id}  ${answer.error ?? `{${placed?.join(', ')}}`}`);
  for (const { name, rejected, selected, replicas } of answer.explanation) {
    const why = rejected?.reason ?? call.out.text(selected ? 'host.cli.planSelected' : 'host.cli.planNotSelected');
    call.out.line(`    ${name}${replicas ? ` ${replicas}` : ''}  ${why}`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isNamed(value: unknown): boolean {
  return isRecord(value) && isRecord(value.metadata) && typeof value.metadata.name === 'string';
}
