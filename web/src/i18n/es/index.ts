// Todos los textos en español. El tipo Catalogue vigila que no falte ninguno.
import type { Catalogue } from "../en";
import { errors } from "./errors";
import { pages } from "./pages";
import { room } from "./room";

export const es: Catalogue = { ...pages, ...room, errors };
