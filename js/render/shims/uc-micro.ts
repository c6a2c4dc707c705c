/** Replaces `uc.micro`: the Unicode categories that decide whether emphasis can open or close. */
export const P = /\p{P}/u;
export const S = /\p{S}/u;
