/**
 * What `@jest/globals` exports, for test files that Node loads. Jest puts these on the global object anew for each file,
 * while a module that imports them from here may serve many: so each is looked up when it is used.
 */
const current = (name) =>
  new Proxy(() => undefined, {
    apply: (_target, _this, parameters) => globalThis[name](...parameters),
    get: (_target, member) => globalThis[name][member],
  });

export const afterAll = current('afterAll');
export const afterEach = current('afterEach');
export const beforeAll = current('beforeAll');
export const beforeEach = current('beforeEach');
export const describe = current('describe');
export const expect = current('expect');
export const it = current('it');
export const jest = current('jest');
export const test = current('test');
