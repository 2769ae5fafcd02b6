using System.Text.RegularExpressions;
using Registry.Roster;

namespace Registry.Tests.Roster;

/// <summary>What a clerk is told of a row, in both languages.</summary>
public sealed partial class RosterTextsTests
{
    [Fact]
    public void Every_rule_is_worded_in_both_languages_with_the_same_details()
    {
        Assert.All(RosterRuleBook.All.Values, rule =>
        {
            Assert.True(Han().IsMatch(rule.Zh), rule.Id);
            // English, but for the word that stands in the cell or the sheet.
            var english = rule.En.Replace("无", "", StringComparison.Ordinal)
                .Replace("组织", "", StringComparison.Ordinal);
            Assert.True(english.Length > 5 && !Han().IsMatch(english), $"{rule.Id}: {rule.En}");
            Assert.Equal((rule.Id, Details(rule.Zh)), (rule.Id, Details(rule.En)));
            Assert.Matches("^[A-Z][A-Z_0-9]+$", rule.Id);
            Assert.Matches("^[RM]-\\d{3}(, [RM]-\\d{3})*$", rule.Source);
        });
        // No two rules say the same: a clerk could not tell them apart.
        var texts = RosterRuleBook.All.Values.ToList();
        Assert.Equal(texts.Count, texts.Select(r => r.Zh).Distinct().Count());
    }

    [Fact]
    public void Every_column_says_in_both_languages_what_may_stand_there() =>
        Assert.All(RosterSheet.All.SelectMany(s => s.Columns), c =>
        {
            Assert.True(Han().IsMatch(c.AllowedZh), c.Name);
            Assert.True(c.AllowedEn.Length > 3 && char.IsAscii(c.AllowedEn[0]), $"{c.Name}: {c.AllowedEn}");
        });

    [Theory]
    [InlineData("phone", "1", "PHONE_FORMAT", "Neither a mobile number nor a landline with area code")]
    [InlineData("residence", "", "CELL_BLANK", "Blanks are not allowed: write 无 or —")]
    [InlineData("sex", "女", "ID_SEX_DIFFERS", "Sex differs from the identity number")]
    [InlineData("born-on", "1985-06-08", "ID_BIRTH_DIFFERS", "Birth date differs from the identity number")]
    [InlineData("joined-on", "2001-07-01", "JOINED_BEFORE_18", "Joined before the age of 18")]
    [InlineData("branch", "B99", "BRANCH_UNKNOWN",
        "The branch is neither in the sheet 组织 nor in the registry")]
    [InlineData("name", "翟", "NAME_TOO_SHORT", "Only one character")]
    public async Task A_wrong_cell_says_in_english_what_is_wrong(string column, string value, string rule,
        string english)
    {
        var member = Workbooks.Member();
        member[column] = value;
        var problem = Assert.Single((await RosterFiles.CheckAsync(Workbooks.Roster(member))).Problems);
        Assert.Equal((rule, english, column, 2), (problem.Rule.Id, problem.En, problem.Column, problem.Row));
        Assert.Equal(RosterSheet.Members[column].AllowedEn, problem.AllowedEn);
    }

    [Fact]
    public async Task Details_stand_in_both_texts()
    {
        var member = Workbooks.Member();
        member["occupation"] = new string('工', 200);
        var problem = Assert.Single((await RosterFiles.CheckAsync(Workbooks.Roster(member))).Problems);
        var max = RosterSheet.Members["occupation"].LengthMax;
        Assert.Equal(($"内容过长，最多 {max} 字", $"Too long: at most {max} characters"), (problem.Zh, problem.En));

        var run = new RosterRun(RosterFiles.Rules, new Dictionary<string, string> { ["B01"] = "BRA" });
        var row = (await RosterFiles.CheckAsync(Workbooks.Roster(Workbooks.Member()))).Members[0].Row;
        Assert.Equal([("身份号码与第 7 行重复", "The identity number stands in row 7 already")],
            run.Member(row, new RosterFinding(false, 7, null, null)).Problems.Select(p => (p.Zh, p.En)));
        Assert.Equal(["Row 8 has the same name and birth date: one person?",
            "Row 9 has the same phone number: please compare"],
            run.Member(row, new RosterFinding(false, null, 8, 9)).Problems.Select(p => p.En));
        Assert.Equal(["Another branch holds the relationship of this id number already"],
            run.Member(row, new RosterFinding(true, null, null, null)).Problems.Select(p => p.En));
    }

    private static string Details(string text) => string.Concat(Placeholder().Matches(text).Select(m => m.Value));

    [GeneratedRegex("\\p{IsCJKUnifiedIdeographs}")]
    private static partial Regex Han();

    [GeneratedRegex("\\{\\d\\}")]
    private static partial Regex Placeholder();
}
