/**
 * The envelope of everything that a page asks of the kernel, and of the kernel's answers (`nbstream/protocol`).
 * `CONTRIBUTING.md` describes the protocol.
 *
 * Commands are declared as an interface of functions by name: the parameter is what travels beside the name, the
 * result is what the kernel returns, `void` for a command that it only acknowledges.
 */

/** What a page sends: numbered from 1 on each channel. The arguments stand beside the name. */
export interface CommandMessage {
  t: "command";
  n: number;
  name: string;
  [argument: string]: unknown;
}

/** The kernel answers each command by exactly one of these, with its number. */
export type Answer =
  | { t: "ack"; n: number; name: string }
  /** The message is for the reader. */
  | { t: "refused"; n: number; name: string; message: string }
  | { t: "result"; n: number; name: string; data: unknown };

type Arguments<Command> = Command extends (args: infer Args extends object) => unknown ? Args : object;

/** A command of a channel without its number: its name, and its arguments beside it. */
export type Request<Commands> = {
  [Name in keyof Commands]: { name: Name } & Arguments<Commands[Name]>;
}[keyof Commands];

/** What the kernel returns for the command of that name. */
export type Returned<Commands, Name extends keyof Commands> = Commands[Name] extends (
  ...args: never[]
) => infer Data
  ? Data
  : never;
