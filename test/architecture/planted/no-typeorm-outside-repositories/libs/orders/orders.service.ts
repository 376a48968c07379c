import { DataSource } from 'typeorm';

export const asked = DataSource;
