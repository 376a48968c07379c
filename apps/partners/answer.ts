type Member = string | number | boolean | Date | null | readonly string[];

/** An answer for a person: a line for each of its members, and an empty line between two records. */
export function asText(answer: object): string {
  const records = (Array.isArray(answer) ? answer : [answer]) as Record<string, Member>[];
  return records.map(record).join('\n\n');
}

function record(members: Record<string, Member>): string {
  const entries = Object.entries(members);
  const width = Math.max(...entries.map(([name]) => name.length));
  return entries.map(([name, member]) => `${name.padEnd(width)}  ${text(member)}`).join('\n');
}

function text(member: Member): string {
  if (member instanceof Date) return member.toISOString();
  if (Array.isArray(member)) return member.length === 0 ? '-' : member.join(', ');
  return member === null ? '-' : String(member);
}
