using Registry.Names;

namespace Registry.Duplicates;

/// <summary>What is compared of one person. Unknown texts are "", unknown dates null.</summary>
/// <param name="Id">The archive; <see cref="Guid.Empty"/> for a form that is being filled in.</param>
/// <param name="IdNumber">18 characters, the old 15 digits, or "".</param>
public sealed record PersonTraits(
    Guid Id, Guid BranchId, string Name, string IdNumber, DateOnly? BirthOn, string Sex, string NativePlace,
    string Phone, DateOnly? JoinedOn, string Employer)
{
    /// <summary>17 digits without the check character, the old form brought to the new; "" when none.</summary>
    public string Body => BodyOf(IdNumber);

    /// <summary>Brings 15 and 18 digits to the 17 they share. Source: R-133.</summary>
    public static string BodyOf(string idNumber)
    {
        ArgumentNullException.ThrowIfNull(idNumber);
        return idNumber.Length switch
        {
            15 when Digits.All(idNumber) => string.Concat(idNumber.AsSpan(0, 6), "19", idNumber.AsSpan(6)),
            18 when Digits.All(idNumber.AsSpan(0, 17)) => idNumber[..17],
            _ => "",
        };
    }
}

/// <summary>One reason why two archives may, or may not, be one person.</summary>
/// <param name="Code">Which rule spoke; its words for people are in <see cref="DuplicateRules"/>.</param>
/// <param name="Points">For (positive) or against (negative).</param>
public sealed record DuplicateSign(string Code, int Points);

/// <summary>How likely two archives are one person, and why. Source: M-075, M-101, P7.</summary>
/// <param name="Points">Sum of the signs; from <see cref="DuplicateRules.Threshold"/> on people look.</param>
public sealed record DuplicateScore(int Points, IReadOnlyList<DuplicateSign> Signs)
{
    public bool IsCandidate => Points >= DuplicateRules.Threshold;
}

/// <summary>Scores two people. Only people decide; the score says what to look at first. Source: M-075.</summary>
public static class DuplicateRules
{
    /// <summary>Points from which a pair is shown. Measured on the seeded test set, see DuplicateFinderTests.</summary>
    public const int Threshold = 50;

    /// <summary>Every rule: code, points, Chinese and English words.</summary>
    public static IReadOnlyList<(string Code, int Points, string Zh, string En)> All { get; } =
    [
        ("id-same", 100, "身份号码相同（15、18位等同）", "same identity number, old and new form alike"),
        ("id-slip", 45, "身份号码只差一处", "identity numbers differ in one place"),
        ("id-area", 40, "身份号码仅区划不同", "identity numbers differ in the area only"),
        ("id-birth", 40, "身份号码仅出生日期不同", "identity numbers differ in the birth date only"),
        ("id-other", -30, "身份号码不同", "different identity numbers"),
        ("name-same", 30, "姓名相同（异体、繁简等同）", "same name, variants alike"),
        ("name-similar", 28, "姓名用字常混用", "characters often written for each other"),
        ("name-swapped", 26, "姓名用字次序不同", "same characters in another order"),
        ("name-alike", 24, "姓名用字形近", "characters written alike"),
        ("name-sound", 22, "姓名同音", "names read alike"),
        ("name-shorter", 12, "姓名少一字", "one character missing"),
        ("name-one-other", -35, "姓名一字不同", "one other character"),
        ("name-other", -70, "姓名不同", "different names"),
        ("birth-same", 20, "出生日期相同", "same birth date"),
        ("birth-slip", 12, "出生日期只差一处或月日颠倒", "birth dates differ in one place, or day and month swapped"),
        ("birth-other", -25, "出生日期不同", "different birth dates"),
        ("sex-other", -20, "性别不同", "different sex"),
        ("phone-same", 25, "电话相同", "same telephone"),
        ("place-same", 4, "籍贯相同", "same native place"),
        ("place-other", -6, "籍贯不同", "different native place"),
        ("joined-same", 18, "入党日期相同", "same date of joining"),
        ("joined-other", -12, "入党日期不同", "different date of joining"),
        ("employer-same", 8, "工作单位相同", "same employer"),
        ("branch-same", 4, "同一党支部", "same branch"),
    ];

    private static readonly Dictionary<string, DuplicateSign> Signs =
        All.ToDictionary(r => r.Code, r => new DuplicateSign(r.Code, r.Points), StringComparer.Ordinal);

    /// <summary>Compares two people by every rule that has something to say.</summary>
    /// <param name="one">With <see cref="NameKeys.Folded"/> of its name in <paramref name="oneFolded"/>.</param>
    /// <param name="other">With <see cref="NameKeys.Folded"/> of its name in <paramref name="otherFolded"/>.</param>
    public static DuplicateScore Score(
        NameBook book, PersonTraits one, string oneFolded, PersonTraits other, string otherFolded)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        string?[] codes =
        [
            IdSign(one.Body, other.Body), NameSign(book.Compare(oneFolded, otherFolded)),
            BirthSign(one.BirthOn, other.BirthOn),
            one.Sex is "1" or "2" && other.Sex is "1" or "2" && one.Sex != other.Sex ? "sex-other" : null,
            Both(one.Phone, other.Phone) && one.Phone == other.Phone ? "phone-same" : null,
            !Both(one.NativePlace, other.NativePlace) ? null
                : IsSamePlace(one.NativePlace, other.NativePlace) ? "place-same" : "place-other",
            one.JoinedOn is null || other.JoinedOn is null ? null
                : one.JoinedOn == other.JoinedOn ? "joined-same" : "joined-other",
            Both(one.Employer, other.Employer) && one.Employer == other.Employer ? "employer-same" : null,
            one.BranchId == other.BranchId && one.BranchId != Guid.Empty ? "branch-same" : null,
        ];
        DuplicateSign[] signs = [.. codes.OfType<string>().Select(c => Signs[c])];
        return new(signs.Sum(s => s.Points), signs);
    }

    private static string? IdSign(string one, string other)
    {
        if (one.Length == 0 || other.Length == 0) return null;
        if (one == other) return "id-same";
        if (OneSlip(one, other)) return "id-slip";
        if (one.AsSpan(6).SequenceEqual(other.AsSpan(6))) return "id-area";
        return one.AsSpan(0, 6).SequenceEqual(other.AsSpan(0, 6)) && one.AsSpan(14).SequenceEqual(other.AsSpan(14))
            ? "id-birth" : "id-other";
    }

    private static string NameSign(NameLikeness likeness) => likeness switch
    {
        NameLikeness.Same => "name-same",
        NameLikeness.Similar => "name-similar",
        NameLikeness.Swapped => "name-swapped",
        NameLikeness.Alike => "name-alike",
        NameLikeness.Sound => "name-sound",
        NameLikeness.Shorter => "name-shorter",
        NameLikeness.OneOther => "name-one-other",
        NameLikeness.Different => "name-other",
    };

    private static string? BirthSign(DateOnly? one, DateOnly? other)
    {
        if (one is not { } a || other is not { } b) return null;
        if (a == b) return "birth-same";
        var swapped = a.Year == b.Year && a.Month == b.Day && a.Day == b.Month;
        return swapped || OneSlip(Text(a), Text(b)) ? "birth-slip" : "birth-other";

        static string Text(DateOnly on) =>
            on.ToString("yyyyMMdd", System.Globalization.CultureInfo.InvariantCulture);
    }

    // One character is another, or two neighbours stand in the wrong order.
    private static bool OneSlip(string one, string other)
    {
        var at = one.AsSpan().CommonPrefixLength(other);
        if (one.AsSpan(at + 1).SequenceEqual(other.AsSpan(at + 1))) return true;
        return at + 1 < one.Length && one[at] == other[at + 1] && one[at + 1] == other[at]
            && one.AsSpan(at + 2).SequenceEqual(other.AsSpan(at + 2));
    }

    private static bool IsSamePlace(string one, string other) =>
        one.EndsWith(other, StringComparison.Ordinal) || other.EndsWith(one, StringComparison.Ordinal)
        || one.StartsWith(other, StringComparison.Ordinal) || other.StartsWith(one, StringComparison.Ordinal);

    private static bool Both(string one, string other) => one.Length > 0 && other.Length > 0;
}
