/**
 * The thread that runs scripts: a Lua state for each, with little memory, little time, and nothing but arithmetic, tables,
 * texts and the functions of `kube`. What even that cannot stop, the engine ends together with the thread.
 */
import { workerData } from 'node:worker_threads';
import { type LuaEngine, LuaFactory, LuaLibraries } from 'wasmoon';
import type { Json } from '#shared/kubernetes/types.ts';
import { kube } from './kube.ts';
import type { Answer, Question, WorkerData } from './protocol.ts';
import { withoutNulls } from './values.ts';

const MEMORY_BYTES = 32 * 1024 * 1024;
const CALL_MS = 1000;
/** What the base library brings and a script has no business with. */
const FORBIDDEN = ['dofile', 'loadfile', 'load', 'collectgarbage', 'print'];
/**
 * Scripts are written for Karmada's interpreter: `local kube = require("kube")`, Lua 5.1, and the clock. The functions
 * that newer versions of Lua have under another name are given their old ones.
 */
const PRELUDE = `
local modules = { kube = kube }
function require(name)
  return modules[name] or error('module ' .. tostring(name) .. ' not found', 2)
end
os = { time = os.time, date = os.date }
unpack = table.unpack
table.getn = function(list) return #list end
math.pow = function(base, exponent) return base ^ exponent end
math.mod = math.fmod
`;

const LIBRARIES = [LuaLibraries.Base, LuaLibraries.Table, LuaLibraries.String, LuaLibraries.Math, LuaLibraries.OS];

const { port, wasm, signal } = workerData as WorkerData;
const word = new Int32Array(signal);
const factory = new LuaFactory(wasm);
const states = new Map<string, LuaEngine>();

async function load(key: string, script: string, entry: string): Promise<Json[]> {
  drop(key);
  const state = await factory.createEngine({
    openStandardLibs: false,
    enableProxy: false,
    injectObjects: false,
    traceAllocations: true,
  });
  const { global } = state;
  for (const library of LIBRARIES) global.loadLibrary(library);
  for (const name of FORBIDDEN) global.set(name, undefined);
  global.set('kube', kube);
  run(state, (thread) => {
    thread.loadString(PRELUDE, 'prelude');
    return 0;
  });
  global.setMemoryMax(global.getMemoryUsed() + MEMORY_BYTES);
  try {
    run(state, (thread) => {
      thread.loadString(script, key);
      return 0;
    });
    if (typeof global.get(entry) !== 'function') throw new Error(`the script defines no function ${entry}`);
  } catch (error) {
    global.close();
    throw error;
  }
  states.set(key, state);
  return [];
}

function call(key: string, entry: string, args: readonly Json[]): Json[] {
  const state = states.get(key);
  if (state === undefined) throw new Error(`no script ${key}`);
  return run(state, (thread) => {
    thread.lua.lua_getglobal(thread.address, entry);
    for (const arg of args) thread.pushValue(withoutNulls(arg));
    return args.length;
  });
}

type Thread = ReturnType<LuaEngine['global']['newThread']>;

/** On a thread of its own: what a failed call leaves behind goes with it. */
function run({ global }: LuaEngine, prepare: (thread: Thread) => number): Json[] {
  const thread = global.newThread();
  try {
    thread.setTimeout(Date.now() + CALL_MS);
    const count = prepare(thread);
    return [...thread.runSync(count)];
  } finally {
    thread.setTimeout(undefined);
    global.pop();
  }
}

function drop(key: string): void {
  states.get(key)?.global.close();
  states.delete(key);
}

async function answer(question: Question): Promise<Answer> {
  try {
    if (question.kind === 'load') return { values: await load(question.key, question.script, question.entry) };
    if (question.kind === 'call') return { values: call(question.key, question.entry, question.args) };
    drop(question.key);
    return { values: [] };
  } catch (error) {
    return { error: error instanceof Error ? error.message : String(error) };
  }
}

port.on('message', (question: Question) => {
  void answer(question).then((result) => {
    port.postMessage(result);
    Atomics.store(word, 0, 1);
    Atomics.notify(word, 0);
  });
});
