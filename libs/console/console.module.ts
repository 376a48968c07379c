import { Module } from '@nestjs/common';
import { OperatorsModule } from '#operators';
import { ConsoleController } from './console.controller.js';

@Module({ imports: [OperatorsModule], controllers: [ConsoleController] })
export class ConsoleModule {}
