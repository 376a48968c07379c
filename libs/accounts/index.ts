export { AccountEntity } from './account.entity.js';
export { ACCOUNT_NOT_FOUND } from './accounts.errors.js';
export { AccountsModule } from './accounts.module.js';
export { AccountsService } from './accounts.service.js';
