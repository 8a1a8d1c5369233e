/** How a person wants tables, kept in the browser. */
import { createTables } from './tables.ts';

export const useTables = createTables(window.localStorage);
