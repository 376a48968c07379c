import { DataSource } from 'typeorm';

export const called = DataSource;
