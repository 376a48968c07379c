/** A state machine as data: every state, and where it may go. A missing state does not compile. */
export type Moves<State extends string> = { readonly [From in State]: readonly State[] };

export function mayMove<State extends string>(moves: Moves<State>, from: State, to: State): boolean {
  return moves[from].includes(to);
}

/** `From>To` for each move, as the CHECK constraints in the database spell them. */
export function movesAsText<State extends string>(moves: Moves<State>): string[] {
  return (Object.keys(moves) as State[]).flatMap((from) => moves[from].map((to) => `${from}>${to}`)).sort();
}
