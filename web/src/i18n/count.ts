/** A number and its word. English and Spanish both tell one from many. */
export const count = (n: number, one: string, many: string) => `${n} ${n === 1 ? one : many}`;
