import 'reflect-metadata';
import { writeFileSync } from 'node:fs';
import { writtenApi } from './openapi.js';

/** `npm run openapi`: writes openapi.json beside package.json. Needs neither a database nor Stripe. */
writeFileSync('openapi.json', await writtenApi());
