/**
 * The envelope of all commands of a page to the kernel, and of the kernel's answers (`nbstream/protocol`).
 * `CONTRIBUTING.md` describes the protocol.
 *
 * Commands are declared as an interface of functions by name: the parameter holds the arguments, the
 * result is what the kernel returns, `void` for a command that it only acknowledges.
 */

/** A command from a page: numbered from 1 on each channel. The arguments are fields next to the name. */
export interface CommandMessage {
  t: "command";
  n: number;
  name: string;
  [argument: string]: unknown;
}

/** The kernel answers each command with exactly one of these, with its number. */
export type Answer =
  | { t: "ack"; n: number; name: string }
  /** The message is for the reader. */
  | { t: "refused"; n: number; name: string; message: string }
  | { t: "result"; n: number; name: string; data: unknown };

type Arguments<Command> = Command extends (args: infer Args extends object) => unknown ? Args : object;

/** A command of a channel without its number: its name and its arguments. */
export type Request<Commands> = {
  [Name in keyof Commands]: { name: Name } & Arguments<Commands[Name]>;
}[keyof Commands];

/** The kernel's result for the command with that name. */
export type Returned<Commands, Name extends keyof Commands> = Commands[Name] extends (
  ...args: never[]
) => infer Data
  ? Data
  : never;
