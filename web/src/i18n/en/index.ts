// Every string in English. Its type is the type of a catalogue: a key that is missing in another
// language is a type error.
import { errors } from "./errors";
import { pages } from "./pages";
import { room } from "./room";

export const en = { ...pages, ...room, errors };

export type Catalogue = typeof en;
