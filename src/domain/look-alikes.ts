// When two names are one: to a system that knows no case or no normal form, or to the eye.

// Letters of other alphabets that are drawn like a Latin one, small as they are after folding.
const drawnAlike = new Map(
  Object.entries({
    ...{ а: 'a', в: 'b', с: 'c', ԁ: 'd', е: 'e', һ: 'h', і: 'i', ј: 'j', к: 'k', м: 'm', н: 'h', о: 'o', р: 'p' },
    ...{ ԛ: 'q', г: 'r', ѕ: 's', т: 't', у: 'y', ѵ: 'v', ԝ: 'w', х: 'x', ӏ: 'l', ӕ: 'ae', ү: 'y', ԍ: 'g' },
    ...{ α: 'a', β: 'b', ε: 'e', η: 'n', ι: 'i', κ: 'k', ν: 'v', ο: 'o', ρ: 'p', τ: 't', υ: 'u', χ: 'x', γ: 'y' },
    ...{ ϲ: 'c', σ: 'o', ω: 'w', օ: 'o', ս: 'u', հ: 'h', ո: 'n', ց: 'g', զ: 'q', ա: 'w', ɡ: 'g', ı: 'i', ǀ: 'l' },
  }),
);

/** The same for two spellings where they are the same file on some system, or look like it. */
export function seenAlike(path: string): string {
  const folded = path.normalize('NFKD').toUpperCase().toLowerCase().normalize('NFKD');
  return [...folded].map((letter) => drawnAlike.get(letter) ?? letter).join('');
}
