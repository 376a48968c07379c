import { ApiProperty } from '@nestjs/swagger';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsInt, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { invalidValue, type ValidationMessage } from '#http';
import { isPrivateAddress } from '#outbound';
import type { Mode } from '#platform';
import { NOTIFICATION_TYPES } from '../notifications.catalogue.js';

const KNOWN: ReadonlySet<unknown> = new Set(NOTIFICATION_TYPES);
const SHOWN = 60;

export class CreateEndpointDto {
  @ApiProperty({
    example: 'https://shop.example/holdfast',
    maxLength: 2000,
    description: 'https and public; in sandbox mode also http, loopback and private addresses',
  })
  @IsString()
  @Length(1, 2000)
  url: string;

  @ApiProperty({
    required: false,
    isArray: true,
    enum: NOTIFICATION_TYPES,
    description: 'What you want to hear; all of it, also what is added later, when left out',
  })
  @IsOptional()
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(50)
  events?: string[];
}

export const DEFAULT_OVERLAP_HOURS = 24;

export class RotateSecretDto {
  @ApiProperty({
    required: false,
    minimum: 0,
    maximum: 168,
    default: DEFAULT_OVERLAP_HOURS,
    description: 'So long the old secret signs beside the new one; 0 ends it at once',
  })
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(168)
  overlapHours?: number;
}

/** What the rules of single values do not see. An address that a name leads to is looked at when it is called. */
export function faultsOfEndpoint(
  value: { readonly url?: unknown; readonly events?: unknown },
  mode: Mode,
): ValidationMessage[] {
  const events: unknown[] = Array.isArray(value.events) ? value.events : [];
  const unknown = events.flatMap((event, index) =>
    KNOWN.has(event)
      ? []
      : [invalidValue(`events[${index}]`, `there is no event ${JSON.stringify(event).slice(0, SHOWN)}`)],
  );
  return [...faultsOfUrl(value.url, mode).map((rule) => invalidValue('url', rule)), ...unknown];
}

function faultsOfUrl(url: unknown, mode: Mode): string[] {
  if (typeof url !== 'string') return [];
  if (!/^https?:\/\//i.test(url) || !URL.canParse(url)) return ['must be an absolute http address'];
  const { protocol, username, password, hostname } = new URL(url);
  if (username !== '' || password !== '') return ['must not hold credentials'];
  if (mode === 'sandbox') return [];
  if (protocol !== 'https:') return ['must be https'];
  return isPrivateAddress(hostname) ? ['must be a public address'] : [];
}
