export { CloseCaseDto } from './dto/close-case.dto.js';
export { orderFileDto, stuckDto } from './dto/operators.dto.js';
export { moneyOf, moneyOfOrder, moneySentence, type Money, type MoneyPlace } from './operators.money.js';
export { OperatorsModule } from './operators.module.js';
export { needsSettlement, OperatorsService, type OrderFile } from './operators.service.js';
export { factsOf, utc, visible } from './operators.text.js';
export { lastWord, type StuckThing } from './operators.stuck.js';
