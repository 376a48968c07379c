export { CloseCaseDto } from './dto/close-case.dto.js';
export { orderFileDto, SearchQuery, stuckDto } from './dto/operators.dto.js';
export { type OpenCircuit, OperatorsEndpoints } from './operators.endpoints.js';
export { OPERATOR_LIMITS } from './operators.limits.js';
export { OperatorsModule } from './operators.module.js';
export { type Money, moneyOf, moneyOfOrder, type MoneyPlace, moneySentence, PLACES } from './operators.money.js';
export { needsSettlement, OperatorsService, type OrderFile } from './operators.service.js';
export { lastWord, OperatorsStuck, ORDER_NUMBER, type StuckCounts, type StuckThing } from './operators.stuck.js';
export { age, factsOf, utc, visible } from './operators.text.js';
