import { expect, test } from 'vitest';
import { createTables, withoutOpen } from './tables.ts';

function kept() {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => items.set(key, value),
  };
}
const names = (tables: ReturnType<typeof createTables>) => tables.getState().saved.map(({ name }) => name);

test('views are kept under their names, replaced where they stand, renamed and removed', () => {
  const keeper = kept();
  const tables = createTables(keeper);
  const { save, rename, forget } = tables.getState();
  save({ name: 'mine', hash: '#/resources/-/v1/pods' });
  save({ name: 'other', hash: '#/resources/apps/v1/deployments' });
  save({ name: 'mine', hash: '#/resources/-/v1/pods?q=web' });
  expect(tables.getState().saved[0]).toEqual({ name: 'mine', hash: '#/resources/-/v1/pods?q=web' });
  expect(rename('other', 'mine')).toBe(false);
  expect(rename('other', 'deployments')).toBe(true);
  expect(names(createTables(keeper))).toEqual(['mine', 'deployments']);
  forget('mine');
  expect(names(createTables(keeper))).toEqual(['deployments']);
});

test('what was kept by something else is left alone', () => {
  const keeper = kept();
  keeper.setItem(
    'fleetdeck.tables',
    JSON.stringify({ saved: [{ name: 'x', hash: 'https://elsewhere' }, null], columns: 1 }),
  );
  expect(createTables(keeper).getState()).toMatchObject({ saved: [], columns: {} });
});

test('the address of a view is without the object that is open', () => {
  expect(withoutOpen('#/resources/-/v1/pods?on=cluster%3Aa&open=x%2Fy&q=web')).toBe(
    '#/resources/-/v1/pods?on=cluster%3Aa&q=web',
  );
  expect(withoutOpen('#/resources/-/v1/pods?open=x')).toBe('#/resources/-/v1/pods');
});
