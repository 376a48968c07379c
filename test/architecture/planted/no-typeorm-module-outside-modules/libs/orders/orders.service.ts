import { InjectRepository } from '@nestjs/typeorm';

export const asked = InjectRepository;
