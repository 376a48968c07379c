export { OperatorsModule } from './operators.module.js';
export { OperatorsService, type OrderFile, type StuckThing } from './operators.service.js';
