import { Global, Module } from '@nestjs/common';
import { CasesRepository } from './cases.repository.js';
import { OperatorList } from './operator-list.js';

@Global()
@Module({ providers: [CasesRepository, OperatorList], exports: [OperatorList] })
export class CasesModule {}
