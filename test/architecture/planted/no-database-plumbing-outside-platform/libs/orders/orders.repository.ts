import { Pool } from 'pg';

export const called = Pool;
