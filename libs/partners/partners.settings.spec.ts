import { describe, expect, it } from '@jest/globals';
import { faultsOfSettings } from './partners.settings.js';

const isTaken = (settings: Parameters<typeof faultsOfSettings>[0]): boolean =>
  faultsOfSettings(settings, 'test').length === 0;

describe('a return host', () => {
  it.each(['shop.example', 'www.shop.example:8443', 'shop.example:80', '[2001:4860::1]', 'xn--mlaut-jva.example'])(
    '%s is one',
    (host) => expect(isTaken({ returnHosts: [host] })).toBe(true),
  );

  it.each([
    '',
    '*',
    '*.shop.example',
    'shop.example:443',
    'Shop.example',
    'shop.example/x',
    'a@shop.example',
    'ümlaut.example',
  ])('%j is what no address of a customer is ever compared with, and refused', (host) =>
    expect(isTaken({ returnHosts: [host] })).toBe(false),
  );
});

describe('an origin', () => {
  it.each(['https://shop.example', 'http://localhost:3001', 'https://shop.example:8443'])('%s is one', (origin) =>
    expect(isTaken({ origins: [origin] })).toBe(true),
  );

  it.each(['*', 'null', 'https://*.shop.example', 'https://shop.example/', 'https://shop.example:443', 'shop.example'])(
    '%j is what no browser ever sends, and refused',
    (origin) => expect(isTaken({ origins: [origin] })).toBe(false),
  );
});
