import Big from "big.js";

const metres: Record<string, string> = { m: "1", km: "1000", ft: "0.3048", mi: "1609.344", nmi: "1852" };

/** convert gives a length in another unit, exactly. */
export function convert(value: string, from: string, to: string): string {
  if (!(from in metres) || !(to in metres)) throw new RangeError(`no unit ${from in metres ? to : from}`);
  return new Big(value).times(metres[from]).div(metres[to]).round(6).toString();
}
