using Platform.Testing;
using Registry.Members;
using Registry.Screening;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Tests.Members;

public sealed class PeopleRulesTests
{
    private static readonly DateOnly Today = new(2026, 3, 1);
    private static readonly DateTimeOffset T0 = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly Member Whole = new()
    {
        Id = Guid.NewGuid(), BranchId = Guid.Empty, BranchPath = "140000/", Name = "王小明",
        IdNumber = "11010519491231002X", Sex = "2", EthnicGroup = "01", BirthOn = new(1949, 12, 31),
        NativePlace = "山西隰县", Education = "11", JoinedOn = new(1975, 7, 1), Standing = "full",
        Phone = "13900000001", Occupation = "建筑", Employer = "测试公司", Residence = "测试社区", RolePlayed = "先锋岗",
    };

    [Fact, Trait("mechanism", "M-074")]
    public void A_whole_archive_scores_a_hundred_and_each_fault_names_its_item()
    {
        var whole = ReferenceData.Quality.Of(Whole, Today);
        Assert.Equal((100, 100, 0, 0), (whole.Completeness, whole.Validity, whole.Missing.Length, whole.Wrong.Length));
        var faulty = ReferenceData.Quality.Of(Whole with
        {
            Phone = "", EthnicGroup = "", BirthOn = new(1950, 1, 1), Sex = "1", Education = "硕士",
            JoinedOn = new(1960, 1, 1),
        }, Today);
        Assert.Equal(["ethnic", "phone"], faulty.Missing);
        Assert.Equal(["id-birth", "id-sex", "education-code", "joined-age"], faulty.Wrong);
        Assert.True(faulty is { Completeness: < 100, Validity: < 100 });
    }

    [Fact]
    public void Every_quality_rule_can_be_broken_and_only_a_whole_archive_has_a_hundred()
    {
        Member[] broken =
        [
            Whole with { Name = "王1" }, Whole with { IdNumber = "1" }, Whole with { EthnicGroup = "汉" },
            Whole with { NativePlace = "" }, Whole with { Education = "" }, Whole with { JoinedOn = null },
            Whole with { JoinedOn = new(2030, 1, 1) }, Whole with { Standing = "x" }, Whole with { Phone = "12" },
            Whole with { Occupation = "" }, Whole with { Employer = "" }, Whole with { CreditCode = "1" },
            Whole with { Residence = "" }, Whole with { RolePlayed = "" }, Whole with { EthnicGroup = "" },
            Whole with { Phone = "" }, Whole with { BirthOn = new(1949, 12, 30) }, Whole with { Sex = "1" },
            Whole with { Education = "x" }, Whole with { JoinedOn = new(1950, 1, 1) },
        ];
        var scores = broken.Select(m => ReferenceData.Quality.Of(m, Today)).ToList();
        Assert.All(scores, s => Assert.True(s.Completeness < 100 || s.Validity < 100));
        Assert.Equal(ReferenceData.Quality.All.Select(r => r.Id).Order(),
            scores.SelectMany(s => s.Missing.Concat(s.Wrong)).Distinct().Order());
    }

    [Fact]
    public void The_history_says_of_every_field_who_when_why_and_from_where()
    {
        var entries = new HistoryEntry[]
        {
            Entry(0, "registered", null, ("name", "王小明"), ("phone", "1"), ("source", "import:7")),
            Entry(1, "amended", "来电更正", ("phone", "2")),
            Entry(2, "corrected", "证件核对", ("name", "王晓明")),
        };
        var history = MemberHistory.Fold(entries);
        Assert.Equal(["王小明", "王晓明"], history["name"].Select(v => v.Value));
        Assert.Equal(("import:7", T0.AddDays(2)), (history["name"][0].Source, history["name"][0].Until));
        Assert.Equal(("证件核对", "clerk", null as DateTimeOffset?),
            (history["name"][1].Reason, history["name"][1].Source, history["name"][1].Until));
        Assert.Equal("1", MemberHistory.AsKnown(history, T0.AddHours(23))["phone"].Value);
        Assert.Equal("2", MemberHistory.AsKnown(history, T0.AddDays(1))["phone"].Value);
        Assert.Empty(MemberHistory.AsKnown(history, T0.AddDays(-1)));
    }

    [Theory, Trait("mechanism", "M-089"), Trait("mechanism", "M-090"), Trait("mechanism", "M-093"),
        Trait("mechanism", "M-095"), Trait("mechanism", "M-116")]
    [InlineData("1980-01-01", "full", "测试公司", false, false, "INS")]
    [InlineData("1980-01-01", "full", "", false, false, "NOP")]
    [InlineData("1980-01-01", "full", "工地", true, true, "DUA MOB")]
    [InlineData("1996-03-01", "full", "测试公司", false, false, "INS YOU")]
    [InlineData("1991-03-01", "full", "测试公司", false, false, "INS")]
    [InlineData("1966-03-01", "full", "", false, false, "ELD")]
    [InlineData("1966-03-02", "full", "", false, false, "NOP")]
    [InlineData("2002-01-01", "probationary", "", true, false, "NOP YOU MOB UPG")]
    public void Classes_are_suggested_and_say_why_and_how_they_are_managed(string born, string standing,
        string employer, bool away, bool rural, string codes)
    {
        var found = ClassSuggestions.Of(new(DateOnly.Parse(born, System.Globalization.CultureInfo.InvariantCulture),
            standing, employer, "", null, away, HasPost: false, rural), Today);
        Assert.Equal(codes, string.Join(' ', found.Select(s => s.Code)));
        Assert.All(found, s => Assert.True(s.Zh.Length > 0 && s.En.Length > 0));
        Assert.All(found, s => Assert.Contains(s.Code switch
        {
            "INS" => "目标管理，按岗位定责",
            "NOP" => "定岗管理",
            "DUA" => "双重岗位",
            "YOU" => "分层管理",
            "ELD" => "指导性管理",
            "MOB" => "二次管理：流出地、流入地共同管理",
            "UPG" => "单列流动事项",
            _ => throw new ArgumentOutOfRangeException(nameof(codes), s.Code, "A class this test does not know."),
        }, ReferenceData.Codes["class-management"].Find(s.Code)!.Chinese, StringComparison.Ordinal));
    }

    [Fact]
    public void Every_class_and_group_says_how_its_members_are_managed()
    {
        var codes = ReferenceData.Codes["member-class"].Entries.Concat(ReferenceData.Codes["special-group"].Entries);
        Assert.All(codes, c => Assert.True(
            ReferenceData.Codes["class-management"].Find(c.Code)?.Chinese.Length > 0, c.Code));
    }

    [Fact]
    public void A_screening_sheet_goes_out_and_comes_back_with_what_was_found()
    {
        var campaign = new ScreeningCampaign
        {
            Id = Guid.NewGuid(), OrganisationId = Guid.Empty, Name = "春节排查", Kind = "members", FromOn = Today,
            UntilOn = Today.AddDays(20), CreatedBy = Guid.Empty, CreatedAt = T0,
        };
        using var sheet = new MemoryStream();
        ScreeningSheet.Write(sheet, campaign, "测试支部", [Whole], ReferenceData.Codes);
        var (lines, problems) = ScreeningSheet.Read(sheet.ToArray(), ReferenceData.Codes, Today);
        // Nothing filled in yet: nothing to take.
        Assert.Equal((0, 0), (lines.Count, problems.Count));
        var filled = FilledSheet.Fill(sheet.ToArray(),
            (4, "H", "已外出"), (4, "I", "太原"), (5, "C", "阿里木·买买提"), (5, "J", "139 0000 0009"), (5, "K", "工地"),
            (5, "L", "三号工地"), (5, "M", "某县某支部"), (6, "C", "王1"), (7, "C", "李四"), (7, "K", "船上"));
        (lines, problems) = ScreeningSheet.Read(filled, ReferenceData.Codes, Today);
        Assert.Equal([(4, (Guid?)Whole.Id, ScreeningOutcome.Moved, "太原"),
            (5, null, ScreeningOutcome.Unregistered, "")],
            lines.Select(l => (l.Row, l.MemberId, l.Outcome, l.WhereTo)));
        Assert.Equal(("13900000009", "SIT", "三号工地"), (lines[1].Phone, lines[1].PlaceKind, lines[1].Place));
        Assert.Equal([(6, "姓名"), (7, "场所类型")], problems.Select(p => (p.Row, p.Column)));
    }

    private static HistoryEntry Entry(int day, string kind, string? reason,
        params (string Field, string To)[] changes) =>
        new(T0.AddDays(day), kind, Guid.Empty, "甲", "140000/", null, reason,
            [.. changes.Select(c => new FieldChange(c.Field, "", c.To))]);
}
