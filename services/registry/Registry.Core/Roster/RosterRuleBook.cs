using System.Collections.Frozen;

namespace Registry.Roster;

/// <summary>Every rule of the roster, worded once. The order is that of the columns, then of the file.</summary>
public static class RosterRuleBook
{
    public static readonly RosterRule Required = new("CELL_REQUIRED", "M-074, R-023",
        "必填项不能为空，也不能填“无”", "This item is required, 无 does not do");
    public static readonly RosterRule Blank = new("CELL_BLANK", "R-023",
        "不能留空，没有请填“无”或“—”", "Blanks are not allowed: write 无 or —");
    public static readonly RosterRule TooLong = new("CELL_TOO_LONG", "M-073",
        "内容过长，最多 {0} 字", "Too long: at most {0} characters");
    public static readonly RosterRule Formula = new("CELL_FORMULA", "M-073",
        "单元格是公式，请粘贴为值", "The cell is a formula: paste its value");
    public static readonly RosterRule ErrorCell = new("CELL_ERROR", "M-073",
        "单元格是错误值", "The cell holds an error value");
    public static readonly RosterRule NumericId = new("CELL_NUMERIC_ID", "R-154",
        "号码单元格是数字格式，末位或前导零可能已丢失，请改为文本格式后重新录入",
        "The number is a numeric cell and may have lost digits: make it a text cell and type it again");
    public static readonly RosterRule Control = new("CELL_CONTROL_CHARACTER", "R-153",
        "含有不可见的控制字符", "Holds an invisible control character");
    public static readonly RosterRule Lost = new("CELL_LOST_CHARACTER", "R-150",
        "有字符在转码时丢失或损坏", "A character was lost or broken by an earlier conversion");
    public static readonly RosterRule Code = new("CODE_UNKNOWN", "M-073",
        "不在代码表中", "Not in the code table");
    public static readonly RosterRule DateFormat = new("DATE_FORMAT", "M-073",
        "不是有效日期", "Not a valid date");
    public static readonly RosterRule DateFuture = new("DATE_FUTURE", "M-074",
        "日期晚于今天", "The date lies in the future");
    public static readonly RosterRule DivisionUnknown = new("DIVISION_UNKNOWN", "R-130",
        "不是现行的 6 位行政区划代码", "Not a division code in force");

    public static readonly RosterRule NameShort = new("NAME_TOO_SHORT", "R-153", "姓名只有一个字", "Only one character");
    public static readonly RosterRule NameLong = new("NAME_TOO_LONG", "R-153",
        "姓名超过 50 个字", "More than 50 characters");
    public static readonly RosterRule NameDot = new("NAME_DOT", "R-153",
        "间隔号或空格位置不对", "A dot or space in the wrong place");
    public static readonly RosterRule NameSign = new("NAME_SIGN", "R-153",
        "姓名含有数字、标点或控制字符", "Holds a digit, punctuation or control character");
    public static readonly RosterRule NameBroken = new("NAME_BROKEN_CHARACTER", "R-153",
        "姓名含有残缺的字符", "Holds half a character");
    public static readonly RosterRule NameLost = new("NAME_LOST_CHARACTER", "R-150",
        "姓名含有“?”，生僻字可能在转码时丢失", "Holds '?': a rare character may have been lost in conversion");
    public static readonly RosterRule NamePrivate = new("NAME_PRIVATE_USE", "R-151",
        "姓名含有自造字（私有区字符）,请改用国际编码汉字", "Holds a private-use character: type the Unicode one");

    public static readonly RosterRule IdLength = new("ID_LENGTH", "R-133",
        "身份号码不是 18 位或 15 位", "Neither 18 nor 15 characters");
    public static readonly RosterRule IdCharacters = new("ID_CHARACTERS", "R-133",
        "身份号码只能是数字，末位可为 X", "Only digits, and X at the end");
    public static readonly RosterRule IdArea = new("ID_AREA", "R-134",
        "身份号码前两位不是任何省份", "The first two digits are no province");
    public static readonly RosterRule IdBirth = new("ID_BIRTH_DATE", "R-133",
        "身份号码中的出生日期无效", "The birth date in the number is impossible");
    public static readonly RosterRule IdCheck = new("ID_CHECK_CHARACTER", "R-133",
        "身份号码校验位不符，请核对每一位", "The check character does not fit: compare every digit");
    public static readonly RosterRule IdUnlisted = Warning("ID_AREA_UNLISTED", "R-134",
        "身份号码前六位未见于历次区划代码，请核对", "The first six digits are on no list of divisions: please compare");
    public static readonly RosterRule IdFifteen = Warning("ID_FIFTEEN_DIGITS", "R-133",
        "旧 15 位号码，已换算为 18 位，请核对", "An old number of 15 digits was converted: please compare");
    public static readonly RosterRule SexDiffers = new("ID_SEX_DIFFERS", "R-133, M-074",
        "性别与身份号码不一致", "Sex differs from the identity number");
    public static readonly RosterRule BirthDiffers = new("ID_BIRTH_DIFFERS", "R-133, M-074",
        "出生日期与身份号码不一致", "Birth date differs from the identity number");

    public static readonly RosterRule JoinedYoung = new("JOINED_BEFORE_18", "R-068",
        "入党时未满 18 岁", "Joined before the age of 18");
    public static readonly RosterRule FullEarly = new("FULL_BEFORE_JOINED", "R-060",
        "转正日期早于入党日期", "Became a full member before joining");
    public static readonly RosterRule ProbationFull = new("PROBATION_WITH_FULL_DATE", "R-060",
        "预备党员不应有转正日期", "A probationary member has no such date yet");
    public static readonly RosterRule Phone = new("PHONE_FORMAT", "M-070",
        "不是有效的手机号或带区号的固定电话", "Neither a mobile number nor a landline with area code");
    public static readonly RosterRule CreditLength = new("CREDIT_CODE_LENGTH", "R-135",
        "统一社会信用代码不是 18 位", "Not 18 characters");
    public static readonly RosterRule CreditCharacters = new("CREDIT_CODE_CHARACTERS", "R-135",
        "统一社会信用代码含有不允许的字符", "Holds a character the code never uses");
    public static readonly RosterRule CreditCheck = Warning("CREDIT_CODE_CHECK", "R-136",
        "统一社会信用代码校验位不符，请核对", "The check character does not fit: please compare");
    public static readonly RosterRule Certificate = new("CERTIFICATE_NUMBER", "R-017",
        "活动证编号不对", "Not a certificate number");
    public static readonly RosterRule MobileMissing = new("MOBILE_ITEM_MISSING", "R-021, M-080",
        "流动党员必须填写此项", "Needed for a mobile member");
    public static readonly RosterRule MobileUnexpected = Warning("MOBILE_ITEM_UNEXPECTED", "M-073",
        "非流动党员，此项未采用", "Not a mobile member: this item was not taken over");
    public static readonly RosterRule ReturnEarly = new("RETURN_BEFORE_DEPARTURE", "R-021",
        "计划返回日期早于外出日期", "The planned return lies before the departure");
    public static readonly RosterRule MobileCaseOpen = Warning("MOBILE_CASE_OPEN", "M-101, M-102",
        "该党员已有未办结的流动事项，本行流动信息未采用，请在该事项中办理",
        "An open case says where the member is: this row's mobile items were not taken over");

    public static readonly RosterRule OrgCode = new("ORGANISATION_CODE_FORMAT", "M-073",
        "编码格式不对", "The code has the wrong form");
    public static readonly RosterRule OrgDuplicate = new("ORGANISATION_DUPLICATE", "M-075",
        "组织编码与第 {0} 行重复", "The code stands in row {0} already");
    public static readonly RosterRule OrgNameDuplicate = new("ORGANISATION_NAME_DUPLICATE", "M-075",
        "同一上级下组织名称与第 {0} 行重复", "Row {0} has the same name under the same superior");
    public static readonly RosterRule ParentUnknown = new("PARENT_UNKNOWN", "M-075",
        "上级组织既不在本表也不在系统中", "The superior is neither in this sheet nor in the registry");
    public static readonly RosterRule ParentLoop = new("PARENT_LOOP", "M-075",
        "上下级关系成环，或超过 20 层", "The chain of superiors runs in a circle or has more than 20 levels");
    public static readonly RosterRule ParentRefused = new("PARENT_REFUSED", "M-075",
        "上级组织所在的第 {0} 行有错误", "Row {0}, the superior's, was refused");
    public static readonly RosterRule BranchUnknown = new("BRANCH_UNKNOWN", "M-075",
        "党支部既不在组织表也不在系统中", "The branch is neither in the sheet 组织 nor in the registry");
    public static readonly RosterRule BranchRefused = new("BRANCH_REFUSED", "M-075",
        "党支部所在的组织表第 {0} 行有错误", "Row {0} of the sheet 组织, the branch's, was refused");
    public static readonly RosterRule BranchKind = new("BRANCH_HOLDS_NO_MEMBERS", "R-090",
        "该组织不是党支部，不能直接编入党员", "This organisation is no branch and holds no members itself");
    public static readonly RosterRule MemberElsewhere = new("MEMBER_ELSEWHERE", "M-075, M-101",
        "该身份证号的党员已登记在其他支部", "Another branch holds the relationship of this id number already");
    public static readonly RosterRule MemberDuplicate = new("MEMBER_DUPLICATE", "M-075",
        "身份号码与第 {0} 行重复", "The identity number stands in row {0} already");
    public static readonly RosterRule PersonAlike = Warning("MEMBER_ALIKE", "M-075",
        "与第 {0} 行姓名、出生日期相同，请核对是否同一人", "Row {0} has the same name and birth date: one person?");
    public static readonly RosterRule PhoneShared = Warning("PHONE_SHARED", "M-075",
        "与第 {0} 行联系电话相同，请核对", "Row {0} has the same phone number: please compare");

    /// <summary>By id.</summary>
    public static readonly FrozenDictionary<string, RosterRule> All = new RosterRule[]
    {
        Required, Blank, TooLong, Formula, ErrorCell, NumericId, Control, Lost, Code, DateFormat, DateFuture,
        DivisionUnknown, NameShort, NameLong, NameDot, NameSign, NameBroken, NameLost, NamePrivate, IdLength,
        IdCharacters, IdArea, IdBirth, IdCheck, IdUnlisted, IdFifteen, SexDiffers, BirthDiffers, JoinedYoung, FullEarly,
        ProbationFull, Phone, CreditLength, CreditCharacters, CreditCheck, Certificate, MobileMissing, MobileUnexpected,
        ReturnEarly, MobileCaseOpen,
        OrgCode, OrgDuplicate, OrgNameDuplicate, ParentUnknown, ParentLoop, ParentRefused, BranchUnknown,
        BranchRefused, BranchKind, MemberElsewhere, MemberDuplicate, PersonAlike, PhoneShared,
    }.ToFrozenDictionary(r => r.Id, StringComparer.Ordinal);

    private static RosterRule Warning(string id, string source, string zh, string en) =>
        new(id, source, zh, en) { WarningOnly = true };
}
