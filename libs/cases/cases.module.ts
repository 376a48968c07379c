import { Global, Module } from '@nestjs/common';
import { OperatorList } from './operator-list.js';

@Global()
@Module({ providers: [OperatorList], exports: [OperatorList] })
export class CasesModule {}
