export { type ClosedCase, type OpenCase, OperatorList, type Settlement, SETTLEMENTS } from './operator-list.js';
export { CasesModule } from './cases.module.js';
