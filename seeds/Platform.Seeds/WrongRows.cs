using Registry.Roster;

namespace Platform.Seeds;

/// <summary>One way in which a member's row can be wrong.</summary>
/// <param name="Rule">Id of the rule that must catch it.</param>
/// <param name="Column">Where the rule must point.</param>
internal sealed record WrongRow(string Rule, string Column, Action<Dictionary<string, SeedCell>> Spoil);

/// <summary>All the ways, used in turn.</summary>
internal static class WrongRows
{
    public static IReadOnlyList<WrongRow> All { get; } =
    [
        Set("CELL_REQUIRED", "name", ""),
        Set("CELL_REQUIRED", "phone", "无"),
        Set("CELL_BLANK", "residence", ""),
        Set("CELL_BLANK", "employer", ""),
        Set("CELL_TOO_LONG", "remark", new string('长', 201)),
        Set("CELL_FORMULA", "born-on", new("TODAY()", CellKind.Formula)),
        Set("CELL_ERROR", "occupation", new("#N/A", CellKind.Error)),
        Set("CELL_NUMERIC_ID", "id-number", new("1.41022198506079E+17", CellKind.Number)),
        Set("CELL_NUMERIC_ID", "branch", new("101", CellKind.Number)),
        Set("CODE_UNKNOWN", "ethnic-group", "汉簇"),
        Set("CODE_UNKNOWN", "education", "大学毕"),
        Set("CODE_UNKNOWN", "membership", "积极分子"),
        Set("DATE_FORMAT", "joined-on", "二〇一〇年"),
        Set("DATE_FORMAT", "born-on", "1990-02-30"),
        Set("DATE_FUTURE", "joined-on", "2099-07-01"),
        Set("NAME_SIGN", "name", "王试1"),
        Set("NAME_LOST_CHARACTER", "name", "王?"),
        Set("NAME_PRIVATE_USE", "name", "王\uE81E"),
        Set("NAME_DOT", "name", "·买试"),
        Set("NAME_TOO_SHORT", "name", "王"),
        Change("ID_LENGTH", "id-number", id => id[..17]),
        Change("ID_CHARACTERS", "id-number", id => id[..8] + "O" + id[9..]),
        Change("ID_AREA", "id-number", id => "99" + id[2..]),
        Change("ID_BIRTH_DATE", "id-number", id => id[..10] + "13" + id[12..]),
        Change("ID_CHECK_CHARACTER", "id-number", id => id[..17] + (id[17] == '7' ? '8' : '7')),
        Change("ID_SEX_DIFFERS", "sex", sex => sex == "男" ? "女" : "男"),
        Change("ID_BIRTH_DIFFERS", "born-on", date => date[..4] == "1960" ? "1961-01-01" : "1960-01-01"),
        Change("JOINED_BEFORE_18", "joined-on", _ => "1956-07-01"),
        Set("FULL_BEFORE_JOINED", "full-on", "1956-07-01"),
        new("PROBATION_WITH_FULL_DATE", "full-on", row => row["membership"] = "预备党员"),
        Set("PHONE_FORMAT", "phone", "4922001"),
        Set("PHONE_FORMAT", "emergency-phone", "154000"),
        Set("CREDIT_CODE_LENGTH", "credit-code", "9114102"),
        Set("CREDIT_CODE_CHARACTERS", "credit-code", "91140000I000100Y43"),
        new("MOBILE_ITEM_MISSING", "destination", row => Out(row)["destination"] = ""),
        new("DIVISION_UNKNOWN", "destination", row => Out(row)["destination"] = "142621"),
        new("RETURN_BEFORE_DEPARTURE", "return-planned-on", row => Out(row)["return-planned-on"] = "2024-01-01"),
        new("CERTIFICATE_NUMBER", "certificate", row => Out(row)["certificate"] = "14102220260000010"),
        Set("ORGANISATION_CODE_FORMAT", "branch", "t01_b01"),
        Set("BRANCH_UNKNOWN", "branch", "NOWHERE"),
        Set("BRANCH_HOLDS_NO_MEMBERS", "branch", "T01"),
    ];

    private static WrongRow Set(string rule, string column, SeedCell value) =>
        new(rule, column, row => row[column] = value);

    private static WrongRow Change(string rule, string column, Func<string, string> change) =>
        new(rule, column, row => row[column] = change(row[column].Text));

    private static Dictionary<string, SeedCell> Out(Dictionary<string, SeedCell> row)
    {
        row["mobile"] = "是";
        row["mobility-type"] = "市内跨县";
        row["mobility-reason"] = "外出务工经商";
        row["destination"] = "140105";
        row["departed-on"] = "2025-03-01";
        row["return-planned-on"] = "2027-03-01";
        return row;
    }
}
