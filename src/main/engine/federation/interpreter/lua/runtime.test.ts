import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createScriptRuntime, type ScriptRuntime } from './runtime.ts';

let runtime: ScriptRuntime;
beforeAll(() => {
  runtime = createScriptRuntime();
});
afterAll(() => runtime.close());

function ask(script: string, ...args: unknown[]): unknown {
  runtime.load('test', script, 'F');
  return runtime.call('test', 'F', args)[0];
}

test('objects go in and come back', () => {
  const object = { spec: { replicas: 1, containers: [{ name: 'a' }, { name: 'b' }], paused: false } };
  const script = 'function F(obj, n) obj.spec.replicas = n; obj.spec.count = #obj.spec.containers; return obj end';
  expect(ask(script, object, 7)).toEqual({ spec: { ...object.spec, replicas: 7, count: 2 } });
});

test('nulls are absent to a script', () => {
  expect(ask('function F(obj) return obj.a == nil and #obj.list == 2 end', { a: null, list: [1, null, 2] })).toBe(true);
});

test('the kube library counts as the scheduler does', () => {
  expect(ask('function F() return kube.resourceAdd("500m", "1", nil) end')).toBe('1500m');
  expect(ask('function F() return kube.getResourceQuantity("1500m") end')).toBe(1.5);
  const template = {
    spec: {
      nodeSelector: { disk: 'ssd' },
      containers: [
        { name: 'a', resources: { requests: { cpu: '1' } }, envFrom: [{ configMapRef: { name: 'settings' } }] },
      ],
    },
  };
  expect(ask('function F(t) return kube.accuratePodRequirements(t) end', template)).toEqual({
    nodeClaim: { nodeSelector: { disk: 'ssd' } },
    resourceRequest: { cpu: '1' },
  });
  expect(ask('function F(t) return kube.getPodDependencies(t, "shop") end', template)).toEqual([
    { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'settings' },
  ]);
});

test('what is written for Lua 5.1 and Karmada runs', () => {
  const sum = 'local kube = require("kube") function F() return kube.resourceAdd("1", "2", nil) end';
  expect(ask(sum)).toBe('3');
  expect(ask('function F() local a, b = unpack({1, 2}) return a + b + table.getn({1, 2}) + math.pow(2, 3) end')).toBe(
    13,
  );
  expect(ask('function F(at) return os.time() > 1700000000 and os.date("!%Y-%m-%d", at) end', 0)).toBe('1970-01-01');
});

describe('what a script cannot do', () => {
  test('ask for another module', () => {
    expect(() => ask('function F() return require("os") end')).toThrow('module os not found');
  });

  test.each([
    'io',
    'os.execute',
    'os.getenv',
    'os.exit',
    'os.remove',
    'dofile',
    'loadfile',
    'load',
    'debug',
    'package',
    'coroutine',
  ])('%s', (name) => {
    expect(ask(`function F() return ${name} == nil end`)).toBe(true);
  });

  test.each([
    ['run for ever', 'function F() while true do end end', /timeout|too long/],
    [
      'take all memory',
      'function F() local t = {} for i = 1, 1e9 do t[i] = ("x"):rep(1000000) .. i end end',
      /memory|too long/,
    ],
    ['take it at once', 'function F() return ("x"):rep(1e9) end', /memory/],
    ['fail silently', 'function F() error("no such field") end', /no such field/],
  ])('%s', (_, script, message) => {
    expect(() => ask(script)).toThrow(message);
    expect(ask('function F() return 1 end')).toBe(1);
  });

  test('hold up the engine where no limit of its own reaches; it is not asked again', () => {
    const pattern = 'function F() return (("a"):rep(40)):find(("a?"):rep(40) .. ("a"):rep(40) .. "b") end';
    expect(() => ask(pattern)).toThrow('the script takes too long');
    expect(() => runtime.call('test', 'F', [])).toThrow('not asked again');
    expect(ask('function F() return 2 end')).toBe(2);
  });
});

test('a script that cannot be read, or lacks its function, is refused at once', () => {
  expect(() => runtime.load('bad', 'function F( return end', 'F')).toThrow(/near 'return'/);
  expect(() => runtime.load('bad', 'function G() end', 'F')).toThrow('defines no function F');
  expect(() => runtime.call('bad', 'F', [])).toThrow('no script bad');
});

test('scripts do not see each other', () => {
  runtime.load('one', 'shared = 1 function F() return shared end', 'F');
  runtime.load('two', 'function F() return shared end', 'F');
  expect(runtime.call('one', 'F', [])[0]).toBe(1);
  expect(runtime.call('two', 'F', [])[0]).toBe(null);
});
