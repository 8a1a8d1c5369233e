/** Cron schedules as CronJob accepts them: five fields or a descriptor such as `@daily`. Source: CronJob documentation. */

interface CronField {
  min: number;
  max: number;
  names?: Record<string, number>;
}

const MONTHS = { jan: 1, feb: 2, mar: 3, apr: 4, may: 5, jun: 6, jul: 7, aug: 8, sep: 9, oct: 10, nov: 11, dec: 12 };
const DAYS = { sun: 0, mon: 1, tue: 2, wed: 3, thu: 4, fri: 5, sat: 6 };
const FIELDS: CronField[] = [
  { min: 0, max: 59 },
  { min: 0, max: 23 },
  { min: 1, max: 31 },
  { min: 1, max: 12, names: MONTHS },
  { min: 0, max: 6, names: DAYS },
];
const DESCRIPTORS = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly']);

/** What is wrong with a schedule, in the scheduler's words; null when nothing is. */
export function cronProblem(schedule: string): string | null {
  if (schedule === '') return 'empty spec string';
  if (schedule.startsWith('@')) {
    if (DESCRIPTORS.has(schedule)) return null;
    if (/^@every (\d+(\.\d+)?(ns|us|µs|ms|s|m|h))+$/.test(schedule)) return null;
    if (!schedule.startsWith('@every ')) return `unrecognized descriptor: ${schedule}`;
    return `failed to parse duration ${schedule}: time: invalid duration ${JSON.stringify(schedule.slice(7))}`;
  }
  const fields = schedule.split(/\s+/).filter((field) => field !== '');
  if (fields.length !== 5) return `expected exactly 5 fields, found ${fields.length}: [${fields.join(' ')}]`;
  for (const [index, field] of fields.entries())
    for (const range of field.split(',')) {
      const problem = rangeProblem(range, FIELDS[index] as CronField);
      if (problem !== null) return problem;
    }
  return null;
}

function rangeProblem(text: string, field: CronField): string | null {
  const [range = '', step, ...more] = text.split('/');
  if (more.length > 0) return `too many slashes: ${text}`;
  const [low = '', high, ...rest] = range.split('-');
  if (rest.length > 0) return `too many hyphens: ${text}`;
  let start = field.min;
  let end = field.max;
  if (low !== '*' && low !== '?') {
    const from = numberIn(low, field);
    if (typeof from === 'string') return from;
    start = from;
    end = step === undefined ? from : field.max;
    if (high !== undefined) {
      const to = numberIn(high, field);
      if (typeof to === 'string') return to;
      end = to;
    }
  }
  if (step !== undefined) {
    const every = numberIn(step, { min: 0, max: field.max });
    if (typeof every === 'string') return every;
    if (every === 0) return `step of range should be a positive number: ${text}`;
  }
  if (start < field.min) return `beginning of range (${start}) below minimum (${field.min}): ${text}`;
  if (end > field.max) return `end of range (${end}) above maximum (${field.max}): ${text}`;
  if (start > end) return `beginning of range (${start}) beyond end of range (${end}): ${text}`;
  return null;
}

function numberIn(text: string, field: CronField): number | string {
  const named = field.names?.[text.toLowerCase()];
  if (named !== undefined) return named;
  if (/^-?\d+$/.test(text)) return Number(text);
  return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`;
}
