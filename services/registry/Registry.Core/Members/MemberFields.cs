using System.Globalization;

namespace Registry.Members;

/// <summary>One field of an archive, as history, merges and scores name it.</summary>
/// <param name="Name">camelCase, as in the JSON of the archive.</param>
/// <param name="Title">Chinese name, as on forms.</param>
/// <param name="Get">The value as text; dates in ISO 8601; "" when unknown.</param>
/// <param name="Set">The archive with that value.</param>
public sealed record MemberField(
    string Name, string Title, Func<Member, string> Get, Func<Member, string, Member> Set)
{
    /// <summary>Encrypted in the column and masked wherever it is shown. Source: R-166.</summary>
    public bool Sensitive { get; init; }

    /// <summary>The value as it may be shown to whoever did not give a reason.</summary>
    public string Masked(string value) => Name switch
    {
        "idNumber" => ResidentId.Mask(value),
        "phone" => PhoneNumber.Mask(value),
        _ when Sensitive => new string('*', Math.Min(value.Length, 6)),
        _ => value,
    };
}

/// <summary>The fields of an archive; the branch is none of them, it changes by transfer only. Source: M-070.</summary>
public static class MemberFields
{
    /// <summary>In the order of the card.</summary>
    public static IReadOnlyList<MemberField> All { get; } =
    [
        new("name", "姓名", m => m.Name, (m, v) => m with { Name = v }),
        new("idNumber", "公民身份号码", m => m.IdNumber, (m, v) => m with { IdNumber = v }) { Sensitive = true },
        new("sex", "性别", m => m.Sex, (m, v) => m with { Sex = v }),
        new("ethnicGroup", "民族", m => m.EthnicGroup, (m, v) => m with { EthnicGroup = v }),
        new("birthOn", "出生日期", m => Iso(m.BirthOn), (m, v) => m with { BirthOn = Date(v) ?? default }),
        new("nativePlace", "籍贯", m => m.NativePlace, (m, v) => m with { NativePlace = v }),
        new("education", "学历", m => m.Education, (m, v) => m with { Education = v }),
        new("joinedOn", "入党日期", m => Iso(m.JoinedOn), (m, v) => m with { JoinedOn = Date(v) }),
        new("standing", "党员类别", m => m.Standing, (m, v) => m with { Standing = v }),
        new("phone", "联系电话", m => m.Phone, (m, v) => m with { Phone = v }) { Sensitive = true },
        new("occupation", "从事职业", m => m.Occupation, (m, v) => m with { Occupation = v }),
        new("employer", "工作单位", m => m.Employer, (m, v) => m with { Employer = v }),
        new("creditCode", "统一社会信用代码", m => m.CreditCode, (m, v) => m with { CreditCode = v }),
        new("residence", "现居住地", m => m.Residence, (m, v) => m with { Residence = v }) { Sensitive = true },
        new("rolePlayed", "发挥作用情况", m => m.RolePlayed, (m, v) => m with { RolePlayed = v }),
        new("source", "来源", m => m.Source, (m, v) => m with { Source = v }),
    ];

    /// <summary>The field of that name, or null.</summary>
    public static MemberField? Find(string name) => All.FirstOrDefault(f => f.Name == name);

    /// <summary>Fields that differ, in the order of the card.</summary>
    public static IReadOnlyList<FieldChange> Changes(Member before, Member after) =>
        [.. All.Where(f => f.Get(before) != f.Get(after))
            .Select(f => new FieldChange(f.Name, f.Get(before), f.Get(after)))];

    private static string Iso(DateOnly? on) => on?.ToString("O", CultureInfo.InvariantCulture) ?? "";

    private static DateOnly? Date(string iso) =>
        DateOnly.TryParseExact(iso, "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out var on) ? on : null;
}
