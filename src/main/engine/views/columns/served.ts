/**
 * A kind that is not known by name: its columns are those its server prints (a CRD's additionalPrinterColumns, an
 * aggregated API's own), learnt from the objects as they come. Clusters may serve different columns of one kind; the
 * table has them all, and a cell is empty where its cluster has none. Columns are only ever added, so that rows made
 * before stay right.
 */
import type { KubeObject } from '#shared/kubernetes/types.ts';
import { type ServedRow, servedRow } from '../../kube/index.ts';
import { age, type Cell, type ColumnDefinition, type KindDefinition } from './define.ts';
import { generic } from './generic.ts';

type Columns = ServedRow['columns'];

/** Shown by every row anyway. */
const OWN = new Set(['name', 'namespace', 'target']);
/** Printed as quantities by the metrics API and by most who print such a column. */
const QUANTITY = /^(cpu|memory)$/i;
const STATE = /^(status|phase|state|health|ready|synced|condition)$/i;

export class ServedKind implements KindDefinition {
  readonly resource: string;
  readonly served = true;
  readonly columns: ColumnDefinition[] = [];
  readonly #learnt = new WeakSet<Columns>();
  readonly #indexes = new WeakMap<Columns, Map<string, number>>();
  #plain = false;

  constructor(resource: string) {
    this.resource = resource;
  }

  readonly level = generic.level;

  learn(object: KubeObject): void {
    const row = servedRow(object);
    if (row === null) {
      if (!this.#plain) for (const column of generic.columns) this.#add(column);
      this.#plain = true;
      return;
    }
    if (this.#learnt.has(row.columns)) return;
    this.#learnt.add(row.columns);
    const known = row.columns.filter(({ name }) => name !== '' && !OWN.has(idOf(name)));
    // Nothing but the age: what most kinds have in common says more.
    if (known.every(({ name, type }) => isAge(name, type))) for (const column of generic.columns) this.#add(column);
    else for (const column of known) this.#add(this.#columnOf(column));
  }

  #add(column: ColumnDefinition): void {
    if (this.columns.length < 60 && !this.columns.some(({ id }) => id === column.id)) this.columns.push(column);
  }

  #columnOf({ name, type, priority }: Columns[number]): ColumnDefinition {
    const id = idOf(name);
    if (isAge(name, type)) return age;
    const number = type === 'integer' || type === 'number';
    const kind = number ? 'number' : STATE.test(name) ? 'status' : QUANTITY.test(name) ? 'quantity' : 'text';
    return {
      id,
      title: name,
      kind,
      priority: priority > 0 ? 1 : 0,
      cell: (object) => this.#cell(servedRow(object), id),
    };
  }

  #cell(row: ServedRow | null, id: string): Cell {
    if (row === null) return null;
    let indexes = this.#indexes.get(row.columns);
    if (indexes === undefined) {
      indexes = new Map();
      for (const [index, { name }] of row.columns.entries())
        if (!indexes.has(idOf(name))) indexes.set(idOf(name), index);
      this.#indexes.set(row.columns, indexes);
    }
    const at = indexes.get(id);
    const value = at === undefined ? null : row.cells[at];
    if (typeof value === 'boolean') return String(value);
    if (typeof value === 'number') return value;
    return typeof value === 'string' && value !== '' && value !== '<none>' ? value : null;
  }
}

function idOf(name: string): string {
  return name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-');
}

/** The age of the object itself, which is counted here rather than printed once. */
function isAge(name: string, type: string): boolean {
  return /^age$/i.test(name) || (/^created at$/i.test(name) && (type === 'date' || type === 'string'));
}
