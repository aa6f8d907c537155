import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { utf8 } from '../signing/bytes.ts';
import { LmdbStore } from './lmdb-store.ts';
import { MemoryStore } from './memory-store.ts';
import type { Store } from './store.ts';

const folder = mkdtempSync(join(tmpdir(), 'conclave-store-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Opens an empty store, and the same store again after it was closed. */
interface Kind {
  readonly open: () => Store;
  readonly again: (store: Store) => Store;
}

let opened = 0;
const paths = new Map<Store, string>();

function openLmdb(path: string): Store {
  const store = LmdbStore.open(path);
  paths.set(store, path);
  return store;
}

const kinds: Record<string, Kind> = {
  memory: {
    open: () => new MemoryStore(),
    again: (store) => (store instanceof MemoryStore ? store.reopened() : store),
  },
  lmdb: {
    open: () => openLmdb(join(folder, String(opened++))),
    again: (store) => openLmdb(paths.get(store) ?? ''),
  },
};

const text = (bytes: Uint8Array | undefined): string | undefined => bytes && new TextDecoder().decode(bytes);
const put = (key: string, value = key) => ({ key, value: utf8(value) });
const listed = (store: Store, prefix: string) => [...store.list(prefix)].map(({ key }) => key);

describe.each(Object.entries(kinds))('the %s store', (_, kind) => {
  it('gives back what was put, after a restart too', async () => {
    const store = kind.open();
    store.write({ puts: [put('votes/1', 'a'), put('votes/2', 'b')], deletes: [] });
    expect(text(store.get('votes/1'))).toBe('a');
    expect(store.get('votes/3')).toBeUndefined();
    await store.close();
    const again = kind.again(store);
    expect(text(again.get('votes/2'))).toBe('b');
    await again.close();
  });

  it('a later value replaces an earlier one, and a deleted key is gone', async () => {
    const store = kind.open();
    store.write({ puts: [put('a', '1'), put('b', '1')], deletes: [] });
    store.write({ puts: [put('a', '2')], deletes: ['b', 'never there'] });
    expect(text(store.get('a'))).toBe('2');
    expect(store.get('b')).toBeUndefined();
    expect(listed(store, '')).toEqual(['a']);
    await store.close();
  });

  it('lists one prefix only, by ascending key', async () => {
    const store = kind.open();
    const keys = ['chain/0000000010', 'chain/0000000009', 'chain', 'chaim/1', 'chain/0000000100', 'chaio'];
    store.write({ puts: keys.map((key) => put(key)), deletes: [] });
    const expected = ['chain/0000000009', 'chain/0000000010', 'chain/0000000100'];
    expect(listed(store, 'chain/')).toEqual(expected);
    expect([...store.keys('chain/')]).toEqual(expected);
    await store.close();
  });

  it('values that were given out stay as they are when the store moves on', async () => {
    const store = kind.open();
    store.write({ puts: [put('x/1', 'one'), put('x/2', 'two')], deletes: [] });
    const first = store.get('x/1');
    const all = [...store.list('x/')];
    for (let i = 0; i < 20; i++) store.write({ puts: [put('x/1', `${i}`.repeat(50))], deletes: ['x/2'] });
    expect(text(first)).toBe('one');
    expect(all.map(({ value }) => text(value))).toEqual(['one', 'two']);
    await store.close();
  });

  it('keeps values of a megabyte, and empty ones', async () => {
    const store = kind.open();
    const big = new Uint8Array(1 << 20).fill(7);
    store.write({ puts: [{ key: 'big', value: big }, put('empty', '')], deletes: [] });
    expect(store.get('big')).toHaveLength(1 << 20);
    expect(store.get('empty')).toHaveLength(0);
    await store.close();
  });

  it('refuses to write once it is closed', async () => {
    const store = kind.open();
    await store.close();
    expect(() => store.write({ puts: [put('a')], deletes: [] })).toThrow(/closed/);
  });

  it('behaves like a sorted map under every sequence of batches', async () => {
    const batch = fc.record({
      puts: fc.array(fc.tuple(fc.stringMatching(/^[ab]\/[0-3]$/), fc.string())),
      deletes: fc.array(fc.stringMatching(/^[ab]\/[4-6]$/)),
    });
    const store = kind.open();
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 5 }), (batches) => {
        store.write({ puts: [], deletes: listed(store, '') });
        const model = new Map<string, string>();
        for (const { puts, deletes } of batches) {
          store.write({ puts: puts.map(([key, value]) => put(key, value)), deletes });
          for (const [key, value] of puts) model.set(key, value);
          for (const key of deletes) model.delete(key);
        }
        const expected = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
        expect([...store.list('')].map(({ key, value }) => [key, text(value)])).toEqual(expected);
      }),
      { numRuns: 30 },
    );
    await store.close();
  });
});

it('the memory store counts one sync a batch', () => {
  const store = new MemoryStore();
  store.write({ puts: [put('a'), put('b')], deletes: [] });
  store.write({ puts: [], deletes: ['a'] });
  expect(store.syncs).toBe(2);
});

it('a store that cannot be opened says so as a storage error', () => {
  expect(() => LmdbStore.open('/dev/null/store')).toThrow(
    expect.objectContaining({ code: 'storage', message: expect.stringContaining('/dev/null/store') }),
  );
});
