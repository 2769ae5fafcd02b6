using System.Collections.Frozen;
using System.Globalization;
using Registry.Roster;

namespace Registry.Tests.Roster;

public sealed class RosterRulesTests
{
    [Fact]
    [Trait("mechanism", "M-073")]
    public async Task A_good_row_becomes_a_member_without_remarks()
    {
        var report = await RosterFiles.CheckAsync(Workbooks.Roster(Workbooks.Member()));
        Assert.Empty(report.Problems);
        var member = Assert.Single(report.AcceptedMembers);
        Assert.Equal(("翟测试", Sex.Male, "01", "31", Membership.Full, "B01", "CON", null),
            (member.Name.Value, member.Sex, member.EthnicGroup, member.Education, member.Membership, member.Branch,
                member.Sector, member.Employer));
    }

    [Theory]
    [Trait("mechanism", "M-074")]
    [InlineData("name", "", "CELL_REQUIRED")]
    [InlineData("name", "无", "CELL_REQUIRED")]
    [InlineData("name", "翟?", "NAME_LOST_CHARACTER")]
    [InlineData("name", "翟1", "NAME_SIGN")]
    [InlineData("sex", "女", "ID_SEX_DIFFERS")]
    [InlineData("sex", "男性别", "CODE_UNKNOWN")]
    [InlineData("ethnic-group", "汉簇", "CODE_UNKNOWN")]
    [InlineData("id-number", "", "CELL_REQUIRED")]
    [InlineData("id-number", "14102219850607001", "ID_LENGTH")]
    [InlineData("id-number", "1410221985O6070012", "ID_CHARACTERS")]
    [InlineData("id-number", "991022198506070014", "ID_AREA")]
    [InlineData("id-number", "141022198513070014", "ID_BIRTH_DATE")]
    [InlineData("born-on", "1985-06-08", "ID_BIRTH_DIFFERS")]
    [InlineData("born-on", "1985年", "DATE_FORMAT")]
    [InlineData("native-place", "", "CELL_BLANK")]
    [InlineData("joined-on", "2003-06-06", "JOINED_BEFORE_18")]
    [InlineData("joined-on", "2027-01-01", "DATE_FUTURE")]
    [InlineData("full-on", "2009-07-01", "FULL_BEFORE_JOINED")]
    [InlineData("membership", "预备党员", "PROBATION_WITH_FULL_DATE")]
    [InlineData("branch", "b01", "ORGANISATION_CODE_FORMAT")]
    [InlineData("branch", "B99", "BRANCH_UNKNOWN")]
    [InlineData("phone", "4922001", "PHONE_FORMAT")]
    [InlineData("credit-code", "9135", "CREDIT_CODE_LENGTH")]
    [InlineData("credit-code", "91350100I000100Y43", "CREDIT_CODE_CHARACTERS")]
    [InlineData("credit-code", "91350211M0000XUF46", "CREDIT_CODE_CHECK")]
    [InlineData("residence", "", "CELL_BLANK")]
    [InlineData("residence", "唐兴\uFFFD镇", "CELL_LOST_CHARACTER")]
    [InlineData("destination", "440100", "MOBILE_ITEM_UNEXPECTED")]
    public async Task Each_fault_is_named_by_its_rule(string column, string value, string rule) =>
        Assert.Equal([rule], await RosterFiles.RulesOf((column, value)));

    [Fact]
    [Trait("mechanism", "M-074")]
    public void Each_character_there_is_passes_in_a_text_unless_it_is_a_control_a_lost_one_or_in_private_use()
    {
        var header = new RosterHeader(
            RosterSheet.Members, 1, new Dictionary<string, int> { ["residence"] = 0 }.ToFrozenDictionary());
        var wrong = Enumerable.Range(0, 0x11_0000).Where(c => c < 0x1_0000 || c % 251 == 0).Where(c =>
        {
            var character = c < 0x1_0000 ? $"{(char)c}" : char.ConvertFromUtf32(c);
            var said = RosterFiles.Rules.Member(new(header, 2, [new($"唐{character}镇", CellKind.Text)])).Problems
                .Where(p => p.Column == "residence").Select(p => p.Rule.Id);
            var expected = c is '\t' or '\r' or '\n' ? "" : CharUnicodeInfo.GetUnicodeCategory(c) switch
            {
                UnicodeCategory.Control => "CELL_CONTROL_CHARACTER",
                UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse => "CELL_LOST_CHARACTER",
                _ => c == 0xFFFD ? "CELL_LOST_CHARACTER" : "",
            };
            return string.Join(' ', said) != expected;
        });
        Assert.Empty(wrong.Select(c => $"U+{c:X4}"));
    }

    [Fact]
    [Trait("mechanism", "M-074")]
    public async Task A_problem_names_sheet_row_column_value_rule_and_what_is_allowed()
    {
        var member = Workbooks.Member();
        member["id-number"] = "141022198506070019";
        var report = await RosterFiles.CheckAsync(Workbooks.Roster(Workbooks.Member(3), member));
        var problem = Assert.Single(report.Problems);
        Assert.Equal(("党员", 3, "公民身份号码", "D", "141*************19", "ID_CHECK_CHARACTER", "R-133"),
            (problem.Sheet, problem.Row, problem.Title, problem.Letter, problem.Value, problem.Rule.Id,
                problem.Rule.Source));
        Assert.StartsWith("18 位", problem.AllowedZh, StringComparison.Ordinal);
        Assert.Single(report.AcceptedMembers);
    }

    [Fact]
    [Trait("mechanism", "M-074")]
    public async Task Every_fault_of_a_row_is_told_at_once_from_left_to_right() =>
        Assert.Equal(["CELL_REQUIRED", "CELL_BLANK", "PHONE_FORMAT", "CELL_REQUIRED"],
            await RosterFiles.RulesOf(("name", " "), ("native-place", ""), ("phone", "1"), ("mobile", "—")));

    [Fact]
    [Trait("mechanism", "M-079")]
    public async Task A_mobile_member_needs_type_reason_destination_and_date()
    {
        Assert.Equal(Enumerable.Repeat("MOBILE_ITEM_MISSING", 4), await RosterFiles.RulesOf(("mobile", "是")));
        Assert.Equal(["DIVISION_UNKNOWN", "RETURN_BEFORE_DEPARTURE"], await RosterFiles.RulesOf(
            ("mobile", "是"), ("mobility-type", "跨省"), ("mobility-reason", "务工"), ("destination", "142621"),
            ("departed-on", "2026.3.1"), ("return-planned-on", "2026年2月28日")));
    }

    [Fact]
    [Trait("mechanism", "M-079")]
    public async Task A_mobile_member_is_read_with_destination_date_and_certificate()
    {
        var member = Workbooks.Member();
        member["mobile"] = "是";
        member["mobility-type"] = "跨省流动";
        member["mobility-reason"] = "1";
        member["destination"] = "440106";
        member["departed-on"] = "2026-03-01";
        member["certificate"] = CertificateNumber.Of("141022", 2026, 7).Printed;
        var report = await RosterFiles.CheckAsync(Workbooks.Roster(member));
        Assert.Empty(report.Problems);
        Assert.Equal(
            new MobilityEntry("NAT", "1", "440106", new(2026, 3, 1))
            {
                Certificate = CertificateNumber.Of("141022", 2026, 7),
            },
            report.AcceptedMembers.Single().Mobility);
    }

    [Fact]
    public async Task An_identity_number_in_the_wrong_column_is_masked_too()
    {
        var report = await RosterFiles.CheckAsync(Workbooks.Roster(new Dictionary<string, string>(Workbooks.Member())
        {
            ["name"] = "141022198506070019",
        }));
        Assert.Equal("141*************19", Assert.Single(report.Problems).Value);
    }

    [Fact]
    public void Every_rule_has_its_own_id_and_both_languages() =>
        Assert.All(RosterRuleBook.All.Values, rule =>
        {
            Assert.Matches("^[A-Z0-9]+(_[A-Z0-9]+)+$", rule.Id);
            Assert.Matches("[RM]-[0-9]{3}", rule.Source);
            Assert.Contains(rule.Zh, c => c > '\u4e00');
            Assert.NotEmpty(rule.En);
        });

    [Fact]
    public void Old_area_codes_reach_back_to_1980()
    {
        var divisions = Registry.Service.Reference.ReferenceData.Divisions;
        Assert.Equal(AreaStanding.Former, divisions.StandingOf("142621"));
        Assert.Equal(AreaStanding.Former, divisions.StandingOf("510202"));
        Assert.Equal(AreaStanding.Current, divisions.StandingOf("632803"));
        Assert.Equal("198012", divisions.Find("142621")?.FirstRevision);
    }
}
