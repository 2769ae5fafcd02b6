using System.Collections.Immutable;
using static Registry.Roster.RosterFill;
using static Registry.Roster.RosterKind;

namespace Registry.Roster;

/// <summary>The columns: one scope, one structure, one meaning, one set of items (四统一). Source: M-073.</summary>
internal static class RosterColumns
{
    private const string DatesZh = "日期，如 2005-07-01、2005年7月1日 或 20050701";
    private const string DatesEn = "A date such as 2005-07-01 or 20050701";
    private const string OrNoneZh = "；没有填“无”或“—”";
    private const string OrNoneEn = "; write 无 or — for none";
    private const string CodeZh = "1 至 20 位大写字母、数字或“-”，文本格式";
    private const string CodeEn = "1 to 20 capital letters, digits or '-', as text";

    public static readonly ImmutableArray<RosterColumn> Organisations =
    [
        new("code", "组织编码", OrganisationCode, Required, CodeZh, CodeEn) { Width = 16, LengthMax = 20 },
        new("name", "组织名称", Text, Required, "全称，2 至 100 字", "Full name, 2 to 100 characters") { Width = 36 },
        Choice("type", "组织类型", "organisation-type", Required, 20),
        new("parent", "上级组织编码", OrganisationCode, NoneAllowed,
            "上级组织的编码；最上一级填“无”", "The superior's code; 无 for the topmost") { Width = 16, LengthMax = 20 },
        new("division", "所在地区划代码", DivisionCode, Optional,
            "6 位现行行政区划代码", "Six digits, a division in force") { Width = 14, LengthMax = 12 },
        new("contact", "联系人", Name, NoneAllowed, "姓名" + OrNoneZh, "A name" + OrNoneEn) { LengthMax = 100 },
        new("phone", "联系电话", Phone, NoneAllowed,
            "手机或带区号的固定电话" + OrNoneZh, "Mobile or landline with area code" + OrNoneEn) { Width = 18 },
        new("external-code", "全国系统编码", OrganisationCode, Optional,
            "12 位数字，文本格式", "Twelve digits, as text") { Width = 16, LengthMax = 12 },
        new("remark", "备注", Text, Optional, "不超过 200 字", "At most 200 characters") { Width = 24, LengthMax = 200 },
    ];

    public static readonly ImmutableArray<RosterColumn> Members =
    [
        new("name", "姓名", Name, Required, "与身份证一致", "As on the identity card") { LengthMax = 100 },
        Choice("sex", "性别", "sex", Required, 6),
        Choice("ethnic-group", "民族", "ethnic-group", Required, 12),
        new("id-number", "公民身份号码", Identity, Required,
            "18 位（或旧 15 位）,单元格为文本格式", "18 characters (or the old 15 digits), in a text cell")
            { Width = 22, LengthMax = 30, OtherTitles = ["身份证号", "身份证号码", "居民身份证号"] },
        new("born-on", "出生日期", Date, Required, DatesZh + "，与身份号码一致", DatesEn + ", as in the identity number"),
        new("native-place", "籍贯", Text, NoneAllowed,
            "祖父出生地，到县级" + OrNoneZh, "Grandfather's birthplace down to the county" + OrNoneEn) { Width = 20 },
        Choice("education", "学历", "education", Required, 14),
        new("joined-on", "入党日期", Date, Required, DatesZh + "，不早于年满 18 岁", DatesEn + ", not before the age of 18"),
        Choice("membership", "党员类别", "membership", Required, 12),
        new("full-on", "转正日期", Date, Optional, DatesZh + "；预备党员不填", DatesEn + "; empty while on probation"),
        new("branch", "所在党支部编码", OrganisationCode, Required,
            "组织表中或系统中已有的党支部编码", "Code of a branch in the sheet 组织 or in the registry")
            { Width = 16, LengthMax = 20 },
        new("phone", "联系电话", Phone, Required,
            "手机或带区号的固定电话", "Mobile, or landline with area code") { Width = 18 },
        new("occupation", "从事职业", Text, NoneAllowed, "职业" + OrNoneZh, "Occupation" + OrNoneEn) { Width = 16 },
        Choice("sector", "所属行业", "sector", Optional, 14),
        new("employer", "工作单位", Text, NoneAllowed, "单位全称" + OrNoneZh, "Employer's full name" + OrNoneEn)
            { Width = 30 },
        new("credit-code", "单位统一社会信用代码", Credit, Optional,
            "18 位，文本格式", "18 characters, as text") { Width = 22, LengthMax = 30, OtherTitles = ["统一社会信用代码"] },
        new("residence", "现居住地", Text, NoneAllowed,
            "到村（社区）" + OrNoneZh, "Down to the village or community" + OrNoneEn) { Width = 36, LengthMax = 200 },
        Choice("mobile", "是否流动党员", "yes-no", Required, 10),
        Choice("mobility-type", "流动类型", "mobility-type", Optional, 14),
        Choice("mobility-reason", "外出原因", "mobility-reason", Optional, 18),
        new("destination", "流向地区划代码", DivisionCode, Optional,
            "6 位现行行政区划代码；流动党员必填", "Six digits, a division in force; needed for mobile members")
            { Width = 14, LengthMax = 12 },
        new("destination-address", "流向地详细地址", Text, Optional,
            "不超过 200 字", "At most 200 characters") { Width = 36, LengthMax = 200 },
        new("departed-on", "外出日期", Date, Optional, DatesZh + "；流动党员必填", DatesEn + "; needed for mobile members"),
        new("return-planned-on", "计划返回日期", Date, Optional, DatesZh, DatesEn),
        new("certificate", "流动党员活动证编号", Certificate, Optional,
            "17 位编号，校验位正确", "17 characters with a fitting check character") { Width = 20, LengthMax = 30 },
        new("emergency-phone", "紧急联系电话", Phone, Optional,
            "手机或带区号的固定电话", "Mobile, or landline with area code") { Width = 18 },
        new("remark", "备注", Text, Optional, "不超过 200 字", "At most 200 characters") { Width = 24, LengthMax = 200 },
    ];

    private static RosterColumn Choice(string name, string title, string table, RosterFill fill, int width) =>
        new(name, title, Code, fill, "下拉列表中的一项（名称或代码）", "One of the list, by name or code")
            { Table = table, Width = width, LengthMax = 60 };
}
