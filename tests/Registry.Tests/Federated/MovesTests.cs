using static Registry.Tests.Federated.Journey;
using static Registry.Tests.Federated.TierFederation;

namespace Registry.Tests.Federated;

/// <summary>
/// Where a member goes and what both offices see of it, over HTTP, through real exchanges: one home county in the
/// city's node, hosts in the province's node.
/// </summary>
[Collection(TierCollection.Name)]
public sealed class MovesTests(TierFederation tiers)
{
    private static readonly string[] Tried = ["打电话三次未接", "托同乡打听未果"];

    [Fact, Trait("mechanism", "M-066")]
    public async Task A_member_who_goes_on_to_a_third_region_stays_in_one_case_that_home_follows()
    {
        var journey = await AdmittedAsync(tiers, Home, Host);
        await journey.HostStepAsync("leave", new { reason = "movedOn", on = "2026-06-01", toRegion = Third });
        var told = await journey.AtHomeAsync(c => Text(c, "nextStep") == "moveOn", "home hears of the departure");
        Assert.Equal("home", Text(told, "nextBy"));
        await journey.StepAsync("move-on", new { toRegion = Third });
        var first = journey.Card;
        var second = await journey.AtHostAsync("noticed", Third);
        Assert.Equal(2, second.GetProperty("leg").GetInt32());
        await journey.AdmitAsync();
        var home = await journey.HomeAsync();
        Assert.Equal((Third, 2, "matched"), (Text(home, "hostRegion"), home.GetProperty("leg").GetInt32(),
            Text(home, "agreement")));
        var old = (await tiers.At(Host, "committee-clerk").GetAsync($"/api/v1/cases/{journey.Case}")).Ok
            .GetProperty("host").EnumerateArray().Single();
        Assert.Equal((first, "left", "movedOn"), (old.GetProperty("id").GetGuid(), Text(old, "status"),
            Text(old, "leftBecause")));
    }

    [Fact]
    public async Task Home_moves_a_case_on_by_itself_and_the_first_host_is_told()
    {
        var journey = await AdmittedAsync(tiers, Home, Host);
        await journey.StepAsync("move-on", new { toRegion = Third });
        await journey.AtHostAsync("left", Host, c => Text(c, "leftBecause") == "movedOn");
        await journey.AtHostAsync("noticed", Third);
        var again = await tiers.At(Home, "committee-clerk")
            .PostAsync($"/api/v1/outbound-cases/{journey.Case}/move-on", new { toRegion = Third });
        Assert.Equal("CASE_SAME_REGION", again.Code);
    }

    [Fact]
    public async Task Contact_lost_and_found_again_is_known_on_both_sides_whoever_made_the_finding()
    {
        var journey = await AdmittedAsync(tiers, Home, Host);
        var lost = new { reason = "1", lastContactOn = "2026-05-01", attempts = Tried };
        await journey.StepAsync("lost-contact", lost);
        var card = await journey.AtHostAsync("lostContact");
        Assert.Equal(("home", Tried[1]), (Text(card.GetProperty("lostContact"), "foundBy"),
            card.GetProperty("lostContact").GetProperty("attempts")[1].GetString()));
        Assert.Equal(("search", "home"), (Text(card, "nextStep"), Text(card, "nextBy")));
        await journey.StepAsync("regain-contact", new { on = "2026-05-20" });
        await journey.AtHostAsync("admitted");

        await journey.HostStepAsync("lost-contact", lost);
        var side = await journey.AtHomeAsync(c => Text(c, "status") == "lostContact");
        Assert.Equal("host", Text(side.GetProperty("lostContact"), "foundBy"));
        await journey.StepAsync("regain-contact", new { on = "2026-06-20" });
        await journey.AtHostAsync("admitted");
        Assert.Equal("matched", Text(await journey.HomeAsync(), "agreement"));
    }

    [Fact]
    public async Task A_finding_of_lost_contact_without_what_was_tried_is_refused()
    {
        var journey = await AdmittedAsync(tiers, Home, Host);
        var reply = await tiers.At(Home, "committee-clerk").PostAsync(
            $"/api/v1/outbound-cases/{journey.Case}/lost-contact",
            new { reason = "1", lastContactOn = "2026-05-01", attempts = Array.Empty<string>() });
        Assert.Equal((400, "CASE_EVIDENCE_MISSING"), (reply.Status, reply.Code));
    }

    [Fact, Trait("mechanism", "M-081"), Trait("mechanism", "M-098")]
    public async Task What_the_host_saw_differently_is_listed_by_field_until_one_side_takes_it_over()
    {
        var journey = await NoticedAsync(tiers, Home, Host, new { employer = "甲厂", residence = "甲路1号" });
        await journey.AdmitAsync(seen: new { employer = "乙厂" });
        var home = await journey.HomeAsync();
        Assert.Equal(("differs", "resolveDifference", "home"),
            (Text(home, "agreement"), Text(home, "nextStep"), Text(home, "nextBy")));
        Assert.Equal("employer", home.GetProperty("differences")[0].GetString());
        Assert.Equal(1, home.GetProperty("differences").GetArrayLength());
        await journey.StepAsync("adopt", new { field = "employer" });
        var card = await journey.AtHostAsync("admitted", c => Text(c, "agreement") == "matched");
        Assert.Equal("乙厂", Text(card.GetProperty("homeFacts"), "employer"));

        // News collected at the host reaches home, which had nothing different, and is followed.
        await journey.HostStepAsync("change", new { phone = "13800000001", occupation = "焊工" });
        home = await journey.AtHomeAsync(c => Text(c.GetProperty("facts"), "occupation") == "焊工");
        Assert.Equal("matched", Text(home, "agreement"));
    }

    [Fact, Trait("mechanism", "M-081")]
    public async Task The_host_may_take_over_what_home_says_instead()
    {
        var journey = await NoticedAsync(tiers, Home, Host, new { employer = "甲厂" });
        await journey.AdmitAsync(seen: new { employer = "乙厂" });
        await journey.HostStepAsync("adopt", new { field = "employer" });
        await journey.AtHomeAsync(c => Text(c, "agreement") == "matched"
            && Text(c.GetProperty("hostFacts"), "employer") == "甲厂");
        var nonsense = await journey.HostClerk.PostAsync($"/api/v1/inbound-cases/{journey.Card}/adopt",
            new { field = "shoeSize" });
        Assert.Equal((400, "CASE_FIELD_UNKNOWN"), (nonsense.Status, nonsense.Code));
    }

    [Fact, Trait("mechanism", "M-082")]
    public async Task Home_denies_who_is_not_its_member_and_both_sides_close()
    {
        var journey = new Journey(tiers, Home, Guid.Empty);
        await journey.TurnUpAsync(Host, "11010519491231002X");
        var asked = await journey.AtHomeAsync(c => Text(c, "status") == "toConfirm");
        Assert.Equal(("confirmIdentity", "home"), (Text(asked, "nextStep"), Text(asked, "nextBy")));
        var unknown = await tiers.At(Home, "committee-clerk").PostAsync(
            $"/api/v1/outbound-cases/{journey.Case}/confirm-identity", new { });
        Assert.Equal("CASE_MEMBER_UNKNOWN", unknown.Code);
        await journey.StepAsync("deny-identity", new { why = "档案中无此人" });
        await journey.AtHostAsync("denied", c => Text(c, "agreement") == "settled");
        Assert.Equal("settled", Text(await journey.HomeAsync(), "agreement"));
        var late = await journey.HostClerk.PostAsync($"/api/v1/inbound-cases/{journey.Card}/admit", new
        {
            branchId = tiers.PlaceOf(Host).MobileBranch, placementReason = "x", documentShown = "NON",
            on = "2026-03-05", hostContact = "x",
        });
        Assert.Equal("CASE_STEP_NOT_POSSIBLE", late.Code);
    }

    [Fact, Trait("mechanism", "M-101")]
    public async Task A_host_that_asks_for_a_member_home_has_already_registered_is_led_to_homes_case()
    {
        var member = await tiers.MemberAsync(Home);
        var journey = new Journey(tiers, Home, member.Id);
        await journey.ApplyAsync(Host);
        await journey.StepAsync("approve");
        var own = new Journey(tiers, Home, member.Id);
        await own.TurnUpAsync(Host, member.IdNumber);
        await own.AtHostAsync("superseded");
        Assert.Equal(404, (await tiers.At(Home, "committee-clerk").GetAsync($"/api/v1/cases/{own.Case}")).Status);
        await journey.StepAsync("prepare",
            new { talkOn = "2026-02-20", educatedOn = "2026-02-21", contactPerson = "家乡联系人" });
        await journey.StepAsync("notify");
        await journey.AtHostAsync("noticed");
        var twice = await journey.HostClerk.PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = Home, hostRegion = Host, name = "测试甲", idNumber = member.IdNumber, arrivedOn = "2026-03-02",
            documentShown = "NON",
        });
        Assert.Equal("CASE_NOTICE_WAITING", twice.Code);
    }

    [Fact]
    public async Task A_member_not_found_is_looked_for_at_home_and_notified_again()
    {
        var journey = await NoticedAsync(tiers, Home, Host);
        await journey.HostStepAsync("not-found", new { why = "地址不存在" });
        var home = await journey.AtHomeAsync(c => Text(c, "status") == "notFound");
        Assert.Equal(("findMember", "home"), (Text(home, "nextStep"), Text(home, "nextBy")));
        await journey.StepAsync("change", new { residence = "甲路2号" });
        await journey.StepAsync("notify");
        var card = await journey.AtHostAsync("noticed", c => Text(c.GetProperty("facts"), "residence") == "甲路2号");
        Assert.Equal(("admit", "host"), (Text(card, "nextStep"), Text(card, "nextBy")));
        await journey.AdmitAsync();
    }

    [Fact, Trait("mechanism", "M-106")]
    public async Task What_a_member_reports_on_arrival_goes_through_the_liaison_officer_at_home_to_the_host()
    {
        var journey = await NoticedAsync(tiers, Home, Host);
        await journey.StepAsync("change",
            new { employer = "丙工地", residence = "丙小区3号", phone = "13800000002" }, "liaison-officer");
        var card = await journey.AtHostAsync("noticed", c => Text(c.GetProperty("facts"), "employer") == "丙工地");
        Assert.Equal(("丙小区3号", "138****0002"), (Text(card.GetProperty("facts"), "residence"),
            Text(card.GetProperty("facts"), "phoneMasked")));
    }

    [Fact, Trait("mechanism", "M-109"), Trait("mechanism", "M-182")]
    public async Task What_the_host_feeds_back_of_a_members_activity_is_read_at_home()
    {
        var journey = await AdmittedAsync(tiers, Home, Host);
        await journey.HostStepAsync("feedback", new { text = "参加社区学习两次，志愿服务一次", on = "2026-06-30" },
            "branch-secretary");
        var home = await journey.AtHomeAsync(c => Text(c, "lastFeedbackOn") == "2026-06-30");
        Assert.Equal("参加社区学习两次，志愿服务一次", Text(home, "lastFeedback"));
    }

    [Fact, Trait("mechanism", "M-112"), Trait("mechanism", "M-113")]
    public async Task A_return_with_its_talk_closes_the_case_on_both_sides_and_the_member_may_go_out_again()
    {
        var member = await tiers.MemberAsync(Home);
        var journey = await NoticedAsync(tiers, Home, Host, who: member);
        await journey.AdmitAsync();
        var early = await tiers.At(Home, "committee-clerk").PostAsync(
            $"/api/v1/outbound-cases/{journey.Case}/return",
            new { on = "2026-10-02", talkOn = "2026-10-01", certificateInspected = true });
        Assert.Equal("CASE_DATES_IMPOSSIBLE", early.Code);
        await journey.StepAsync("return",
            new { on = "2026-10-01", talkOn = "2026-10-02", certificateInspected = true });
        await journey.AtHostAsync("left", c => Text(c, "leftBecause") == "returned");
        await new Journey(tiers, Home, member.Id).ApplyAsync(Third);
    }
}
