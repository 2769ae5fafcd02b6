namespace Registry.Names;

/// <summary>
/// What search and the duplicate finder compare instead of a name. Source: M-075, M-101, R-150 to R-153.
/// </summary>
/// <param name="Folded">
/// The name with everything gone that offices write differently: dots, spaces, variation selectors, private-use codes
/// of GB 18030-2005, traditional and type variants; letters lower case. Equal keys mean one name in two shapes.
/// </param>
/// <param name="Pinyin">
/// Syllables without tones or gaps, ü as v, surname by its own reading: 单小红 is "shanxiaohong". Letters stay letters;
/// a character without a known reading stays itself.
/// </param>
/// <param name="Initials">First letter of each syllable: "sxh".</param>
/// <param name="OtherPinyin">
/// Further readings people may type (单 as "dan", 乐 as "yue"), at most <see cref="NameBook.ReadingsMax"/> in all.
/// </param>
public sealed record NameKeys(string Folded, string Pinyin, string Initials, IReadOnlyList<string> OtherPinyin);
