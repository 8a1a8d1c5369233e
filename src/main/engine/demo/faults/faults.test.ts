import { describe, expect, test } from 'vitest';
import { FaultId } from '#shared/contract/demo.ts';
import { FAULTS, faultOf } from './catalogue/index.ts';
import { gateOf } from './disturbance.ts';
import { completeValues, formatTarget, parseTarget, refOf } from './values.ts';

const REQUEST = { method: 'GET', path: '/api/v1/pods' };

describe('the catalogue', () => {
  test('has every fault of the contract once, with initial values within their own bounds', () => {
    expect(FAULTS.map(({ id }) => id).sort()).toEqual([...FaultId.options].sort());
    for (const { parameters } of FAULTS) {
      const initial = Object.fromEntries(parameters.map(({ name, initial }) => [name, initial]));
      expect(completeValues(parameters, {})).toEqual(initial);
    }
  });

  test('a behaviour read back from an object means the values it was made of, and no other fault', () => {
    const annotations = FAULTS.flatMap(({ id, scope, effect }) =>
      effect.kind === 'annotation' ? [{ id, scope, effect }] : [],
    );
    const { effect: pressure } = faultOf('node-pressure');
    if (pressure.kind !== 'annotation') throw new Error('node-pressure is an annotation');
    for (const resource of ['memory', 'disk', 'pid']) {
      expect(pressure.valuesOf(pressure.behaviour({ resource }))).toEqual({ resource });
    }
    for (const { id, scope, effect } of annotations) {
      const { parameters } = faultOf(id);
      const behaviour = effect.behaviour(completeValues(parameters, {}));
      const meant = annotations.filter((other) => other.scope === scope && other.effect.valuesOf(behaviour));
      expect(meant.map((other) => other.id)).toEqual([id]);
    }
  });
});

describe('values', () => {
  const { parameters } = faultOf('api-errors');
  test('given as text they become numbers', () => {
    expect(completeValues(parameters, { rate: '30', status: '503' })).toEqual({ rate: 30, status: '503' });
  });
  test.each<Record<string, string | number>>([
    { rate: 0 },
    { rate: 'many' },
    { rate: '' },
    { status: '418' },
    { speed: 1 },
  ])('%j is refused', (given) => {
    expect(() => completeValues(parameters, given)).toThrowError(expect.objectContaining({ code: 'INVALID' }));
  });
});

describe('targets', () => {
  test.each(['shop/deploy/cart', 'shop/Deployment/cart', 'shop/deployments/cart'])('%s is a deployment', (text) => {
    expect(parseTarget(text)).toMatchObject({ namespace: 'shop', kind: 'deployment', name: 'cart' });
  });
  test('what is in no namespace is named without one, and said so', () => {
    expect(parseTarget('ns/shop')).toEqual({ kind: 'namespace', name: 'shop', ref: refOf('namespace') });
    expect(parseTarget('storageclasses/fast')).toMatchObject({ kind: 'storageclass', name: 'fast' });
    expect(formatTarget('namespace', '', 'shop')).toBe('namespace/shop');
    expect(formatTarget('cronjob', 'shop', 'nightly')).toBe('shop/cronjob/nightly');
  });
  test.each([
    'cart',
    'deploy/cart',
    'shop/ns/cart',
    'shop/cart',
    'shop/service/cart',
    'shop/deploy/',
    '/deploy/cart',
    'a/b/c/d',
  ])('%s is none', (text) => {
    expect(() => parseTarget(text)).toThrowError(expect.objectContaining({ code: 'INVALID' }));
  });
});

describe('the gate', () => {
  test('is none where nothing concerns single requests', () => {
    expect(gateOf([{ port: 'closed' }, { clockOffsetMs: 1000 }])).toBeNull();
  });
  test('refuses exactly the share it is told to', async () => {
    const gate = gateOf([{ refusal: { percent: 30, status: 500 } }]);
    const answers: (number | undefined)[] = [];
    for (let i = 0; i < 100; i++) answers.push((await gate?.(REQUEST))?.status);
    expect(answers.filter((status) => status === 500)).toHaveLength(30);
    expect(answers.filter((status) => status === undefined)).toHaveLength(70);
  });
  test('answers 429 as priority and fairness does: text, with Retry-After', async () => {
    const answer = await gateOf([{ refusal: { percent: 100, status: 429 } }])?.(REQUEST);
    expect(answer).toMatchObject({ status: 429, headers: { 'Retry-After': '1' }, body: { kind: 'raw' } });
  });
});
