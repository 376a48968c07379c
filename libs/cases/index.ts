export { type ClosedCase, type OpenCase, type Settlement, SETTLEMENTS } from './operator-case.js';
export { OperatorList } from './operator-list.js';
export { CasesModule } from './cases.module.js';
