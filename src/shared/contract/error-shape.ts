/** How the contract checks a failure that crosses the border; the shape itself is in errors.ts. */
import { z } from 'zod';
import { errorCodes, type AppErrorShape as Shape } from '../errors.ts';

export const AppErrorShape = z.object({
  code: z.enum(errorCodes),
  message: z.string(),
  cluster: z.string().optional(),
  retryable: z.boolean().default(false),
  params: z.record(z.string(), z.union([z.string(), z.number()])).optional(),
  hint: z.string().optional(),
}) satisfies z.ZodType<Shape>;
export type AppErrorShape = Shape;
