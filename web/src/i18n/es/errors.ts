// Lo que significa una negativa, según su código.
import { count } from "../count";
import type { Catalogue } from "../en";

export const errors: Catalogue["errors"] = {
  unknown: "No ha funcionado. Inténtalo de nuevo, por favor.",
  offline: "Ahora mismo no hay conexión.",
  timeout: "El servidor no respondió. Inténtalo de nuevo, por favor.",
  rate_limited: "Ha sido mucho de golpe. Espera un momento, por favor.",
  unavailable: "El servidor no puede hacerlo ahora. Inténtalo de nuevo en un momento.",
  internal_error: "Algo falló en el servidor. No es culpa tuya.",
  shutting_down: "El servidor se está reiniciando. Inténtalo de nuevo en un momento.",
  too_many_connections: "Ya hay muchas conexiones tuyas abiertas. Cierra una, por favor.",
  invalid_request: "Puede que esta página sea antigua. Cárgala de nuevo, por favor.",
  unknown_event: "Puede que esta página sea antigua. Cárgala de nuevo, por favor.",
  origin_refused: "Esta página no puede hablar con este servidor.",
  agreements_required: "Antes lee y acepta los acuerdos de la sala, por favor.",
  invitation_required:
    "A esta sala se entra con invitación. Quien la facilita puede dejarte entrar.",
  not_a_member: "Antes únete a la sala, por favor.",
  room_full: "Esta sala está llena en este momento.",
  last_facilitator: "Nadie más facilita esta sala. Antes pide a alguien que tome el relevo.",
  text_empty: "En este mensaje no hay nada que leer.",
  text_unreadable: "Este mensaje contiene caracteres que no son texto.",
  reply_unknown: "El mensaje al que respondes ya no está aquí.",
  message_not_found: "Este mensaje ya no está aquí, o no puedes cambiarlo.",
  edit_too_late: "Un mensaje se puede cambiar durante 15 minutos. Aún puedes retirarlo.",
  message_not_held: "Este mensaje ya no está pendiente; alguien se adelantó.",
  body_unreadable: "Este mensaje ya no se puede leer.",
  unauthenticated: "Vuelve a entrar, por favor.",
  not_allowed: "Esto es para personas con otro papel.",
  not_found: "Ya no está, o no está abierto para ti.",
  handle_taken: "Alguien aquí ya tiene este alias. Elige otro, por favor.",
  handle_invalid:
    "Un alias tiene de 2 a 32 letras o cifras. En medio puede haber puntos, guiones y guiones bajos.",
  handle_reserved: "Este alias podría confundirse con quienes llevan la comunidad.",
  password_too_short:
    "Una contraseña necesita al menos 10 caracteres. Van bien unas pocas palabras sencillas.",
  password_too_common:
    "Esta contraseña se adivina fácilmente. Mejor unas pocas palabras que solo tú juntarías.",
  invitation_invalid:
    "Esta invitación ya se usó, ha caducado o nunca existió. Pide otra, por favor.",
  sign_in_refused: "El alias y la contraseña no coinciden.",
  sign_in_throttled: "Demasiados intentos fallidos. Espera un poco, por favor.",
  link_invalid: "Este enlace ya se usó o ha caducado. Pide otro, por favor.",
  suspended: "Esta cuenta está suspendida.",
  setup_refused: "Esta comunidad ya está en marcha, o el código no es el que se mostró.",
  no_such_person: "Nadie aquí tiene este alias.",
  no_such_session: "Esta sesión ya había terminado.",
  block_self: "No puedes bloquearte a ti.",
  community_name_empty: "La comunidad necesita un nombre que se pueda leer.",
  room_name_empty: "Una sala necesita un nombre que se pueda leer.",
  wait: (seconds: number) => `Espera ${count(seconds, "segundo", "segundos")}, por favor.`,
};
