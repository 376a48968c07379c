import { Pool } from 'pg';

export const asked = Pool;
