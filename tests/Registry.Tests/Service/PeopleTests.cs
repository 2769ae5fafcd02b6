using System.Text.Json;
using Platform.Testing;

namespace Registry.Tests.Service;

/// <summary>People in depth through the real service.</summary>
public sealed class PeopleTests(RegistryFixture registry) : IClassFixture<RegistryFixture>
{
    [Fact]
    public async Task Every_field_has_its_history_and_corrections_need_a_reason()
    {
        var seeded = await Seeded.CreateAsync(registry, "P1");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 501, "王小明");
        var clerk = registry.As("committee-clerk");
        (await clerk.PatchAsync($"/api/v1/members/{id}", new { phone = "13900000777", reason = "来电更正" })).Id();
        Assert.Equal(400, (await clerk.PostAsync($"/api/v1/members/{id}/corrections", new { name = "王晓明" })).Status);
        (await clerk.PostAsync($"/api/v1/members/{id}/corrections", new
        {
            reason = "核对身份证", name = "王晓明", idNumber = Seeded.IdNumber(2502),
        })).Id();

        var history = await clerk.GetAsync($"/api/v1/members/{id}/history");
        var fields = history.Ok.GetProperty("fields").EnumerateArray()
            .ToDictionary(f => f.GetProperty("field").GetString()!, f => f.GetProperty("values"));
        Assert.Equal(["王小明", "王晓明"], Values(fields["name"], "value"));
        Assert.Equal(["registered", "corrected"], Values(fields["name"], "kind"));
        Assert.Equal("核对身份证", fields["name"][1].GetProperty("reason").GetString());
        Assert.Equal("1962-01-01", fields["birthOn"][1].GetProperty("value").GetString());
        Assert.Equal(["139****0501", "139****0777"], Values(fields["phone"], "value"));
        Assert.DoesNotContain(Seeded.IdNumber(501), history.Text, StringComparison.Ordinal);
        var whole = await clerk.PostAsync($"/api/v1/members/{id}/history/reveal", new { reason = "核查" });
        Assert.Contains(Seeded.IdNumber(501), whole.Text, StringComparison.Ordinal);

        var today = DateOnly.FromDateTime(DateTime.UtcNow.AddHours(8));
        var known = (await clerk.GetAsync($"/api/v1/members/{id}/as-known?on={today:yyyy-MM-dd}")).Ok;
        Assert.Equal("王晓明", known.GetProperty("fields")[0].GetProperty("value").GetString());
        Assert.Empty((await clerk.GetAsync($"/api/v1/members/{id}/as-known?on={today.AddDays(-1):yyyy-MM-dd}")).Ok
            .GetProperty("fields").EnumerateArray());
        var taken = await clerk.PostAsync($"/api/v1/members/{await Seeded.MemberAsync(registry, seeded.Branch, 503)}"
            + "/corrections", new { reason = "核对", idNumber = Seeded.IdNumber(2502) });
        Assert.Equal((409, "MEMBER_EXISTS"), (taken.Status, taken.Code));
    }

    [Fact]
    public async Task A_member_asks_and_reads_the_answer_and_nobody_elses()
    {
        var seeded = await Seeded.CreateAsync(registry, "P9");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 591);
        var other = await Seeded.MemberAsync(registry, seeded.Branch, 592);
        var caseId = await seeded.AwayAsync(registry, id);
        var (self, clerk) = (registry.As("member", seeded.BranchPath, id), registry.As("committee-clerk"));
        var body = new { kind = "change", about = "employer", text = "换到测试物流\n班次也变了" };
        var key = Guid.CreateVersion7();
        var asked = (await self.PostAsync($"/api/v1/members/{id}/requests", body, key)).Ok;
        Assert.True(asked.GetProperty("byMember").GetBoolean());
        Assert.Equal(asked.GetProperty("id").GetGuid(),
            (await self.PostAsync($"/api/v1/members/{id}/requests", body, key)).Id());
        Assert.Equal(403, (await self.PostAsync($"/api/v1/members/{other}/requests", body)).Status);
        Assert.Equal("INPUT_INVALID", (await self.PostAsync($"/api/v1/members/{id}/requests",
            new { kind = "change", about = "anything", text = "" })).Code);

        var waiting = (await clerk.GetAsync("/api/v1/member-requests?size=200")).Ok.GetProperty("items")
            .EnumerateArray().Single(r => r.GetProperty("memberId").GetGuid() == id);
        Assert.Equal(("测试支部P9", "换到测试物流\n班次也变了"), (waiting.GetProperty("branchName").GetString(),
            waiting.GetProperty("text").GetString()));
        var answer = $"/api/v1/member-requests/{waiting.GetProperty("id").GetGuid()}/answer";
        Assert.Equal(403, (await self.PostAsync(answer, new { outcome = "done", answer = "自己批" })).Status);
        Assert.Equal("done", (await clerk.PostAsync(answer, new { outcome = "done", answer = "已改单位" }))
            .String("status"));
        Assert.Equal("MEMBER_REQUEST_ANSWERED",
            (await clerk.PostAsync(answer, new { outcome = "declined", answer = "不改" })).Code);
        var mine = Assert.Single((await self.GetAsync($"/api/v1/members/{id}/requests")).Ok.EnumerateArray());
        Assert.Equal("已改单位", mine.GetProperty("answer").GetString());

        // What was written stands encrypted, and another member of the branch sees neither it nor the archive.
        await using var kept = registry.Behind.CreateCommand(
            $"select words from member_request where member_id = '{id}'");
        Assert.DoesNotContain("测试物流",
            System.Text.Encoding.UTF8.GetString((byte[])(await kept.ExecuteScalarAsync())!), StringComparison.Ordinal);
        Assert.Equal(403, (await registry.As("member", seeded.BranchPath, other)
            .GetAsync($"/api/v1/members/{id}/requests")).Status);
        var cases = (await self.GetAsync($"/api/v1/members/{id}/cases")).Ok;
        Assert.Equal(("测试支部P9", caseId), (cases.GetProperty("branch").GetString(),
            cases.GetProperty("cases")[0].GetProperty("caseId").GetGuid()));
        for (var i = 0; i < 20; i++) await clerk.PostAsync($"/api/v1/members/{id}/requests", body);
        Assert.Equal("MEMBER_REQUESTS_TOO_MANY", (await self.PostAsync($"/api/v1/members/{id}/requests", body)).Code);
    }

    [Fact]
    public async Task The_newest_looks_of_others_come_first_with_the_name_of_their_office()
    {
        var seeded = await Seeded.CreateAsync(registry, "P8");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 581);
        var self = registry.As("member", seeded.BranchPath, id);
        await registry.As("committee-clerk", seeded.CommitteePath).GetAsync($"/api/v1/members/{id}");
        await registry.As("branch-secretary", seeded.BranchPath).PostAsync($"/api/v1/members/{id}/reveal",
            new { reason = "电话联系" });
        await self.GetAsync($"/api/v1/members/{id}");
        var first = (await self.GetAsync($"/api/v1/members/{id}/trail?newest=true&others=true&size=1")).Ok;
        var look = first.GetProperty("items")[0];
        Assert.Equal(("Revealed", "测试支部P8", "电话联系"), (look.GetProperty("action").GetString(),
            look.GetProperty("actorOffice").GetString(), look.GetProperty("reason").GetString()));
        var second = (await self.GetAsync($"/api/v1/members/{id}/trail?newest=true&others=true&size=1"
            + $"&after={first.GetProperty("next").GetString()}")).Ok.GetProperty("items")[0];
        Assert.Equal(("Shown", "测试镇党委P8"), (second.GetProperty("action").GetString(),
            second.GetProperty("actorOffice").GetString()));
    }

    [Fact, Trait("mechanism", "M-074"), Trait("mechanism", "M-075")]
    public async Task Scores_of_person_branch_and_county_unfold_to_the_items_behind_them()
    {
        var seeded = await Seeded.CreateAsync(registry, "P2");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 511);
        await Seeded.MemberAsync(registry, seeded.Branch, 512);
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var person = (await clerk.GetAsync($"/api/v1/members/{id}/quality")).Ok;
        Assert.Contains("education", Values(person.GetProperty("faults"), "rule"));
        var before = (await clerk.GetAsync($"/api/v1/quality/organisations/{seeded.Committee}")).Ok;
        Assert.Equal((2, 0, 0), (before.GetProperty("members").GetInt32(), before.GetProperty("whole").GetInt32(),
            before.GetProperty("notYetScored").GetInt32()));
        var item = before.GetProperty("items").EnumerateArray()
            .Single(i => i.GetProperty("rule").GetString() == "education");
        Assert.Equal(2, item.GetProperty("count").GetInt32());
        var list = (await clerk.GetAsync(item.GetProperty("list").GetString()!)).Ok.GetProperty("items");
        Assert.Equal(2, list.GetArrayLength());

        (await clerk.PatchAsync($"/api/v1/members/{id}", new { education = "11" })).Id();
        var after = (await clerk.GetAsync($"/api/v1/quality/organisations/{seeded.Committee}")).Ok;
        Assert.True(after.GetProperty("completeness").GetDecimal() > before.GetProperty("completeness").GetDecimal());
        Assert.Equal(1, after.GetProperty("items").EnumerateArray()
            .Single(i => i.GetProperty("rule").GetString() == "education").GetProperty("count").GetInt32());
        Assert.Equal(seeded.Branch, after.GetProperty("children")[0].GetProperty("organisationId").GetGuid());
        Assert.Equal(400, (await clerk.GetAsync(
            $"/api/v1/quality/organisations/{seeded.Committee}/members?rule=nonsense")).Status);
    }

    [Fact, Trait("mechanism", "M-075")]
    public async Task Doubles_are_warned_of_while_typing_found_in_bulk_and_decisions_remembered()
    {
        var seeded = await Seeded.CreateAsync(registry, "P3");
        var first = (await registry.As("committee-clerk").PostAsync("/api/v1/members", new
        {
            branchId = seeded.Branch, name = "陈小红", idNumber = "141022197503029035", standing = "full",
            phone = "13900000521",
        })).Id();
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var typed = (await clerk.PostAsync("/api/v1/duplicates/check",
            new { name = "陳晓红", birthOn = "1975-03-02", phone = "139 0000 0521" })).Ok;
        var likely = Assert.Single(typed.GetProperty("likely").EnumerateArray());
        Assert.Equal(first, likely.GetProperty("member").GetProperty("id").GetGuid());
        Assert.Equal(["name-sound", "birth-same", "phone-same"], Values(likely.GetProperty("signs"), "code"));
        // The old form of the same number is the same number; a stranger's clerk learns that it is held, not by whom.
        var old = (await clerk.PostAsync("/api/v1/duplicates/check",
            new { name = "陈小红", idNumber = "141022750302903" })).Ok;
        Assert.Contains("id-same", Values(old.GetProperty("likely")[0].GetProperty("signs"), "code"));
        // Neither number nor birth date leads there: the name does, whichever way it is written.
        const string Slip = "14102219750312903";
        var slipped = (await clerk.PostAsync("/api/v1/duplicates/check",
            new { name = "陳小红", idNumber = Slip + ResidentId.CheckCharacterOf(Slip) })).Ok;
        Assert.Equal(first, Assert.Single(slipped.GetProperty("likely").EnumerateArray())
            .GetProperty("member").GetProperty("id").GetGuid());
        var outside = (await registry.As("committee-clerk", "140000/141000/141023/").PostAsync(
            "/api/v1/duplicates/check", new { name = "陈小红", idNumber = "141022197503029035" })).Ok;
        Assert.True(outside.GetProperty("heldElsewhere").GetBoolean());
        Assert.Equal(1, await registry.CountAsync("select count(*) from audit where action = 'ToldHeldElsewhere'"));
        Assert.Empty(outside.GetProperty("likely").EnumerateArray());

        await clerk.PostAsync("/api/v1/members", new
        {
            branchId = seeded.Branch, name = "陈晓红", standing = "full",
            idNumber = "14102219750302913" + ResidentId.CheckCharacterOf("14102219750302913"),
            phone = "13900000521",
        });
        var run = (await clerk.PostAsync("/api/v1/duplicates/runs", new { organisationId = seeded.Committee })).Ok;
        Assert.Equal((2, 1, 1), (run.GetProperty("membersCompared").GetInt32(),
            run.GetProperty("pairsFound").GetInt32(), run.GetProperty("pairsNew").GetInt32()));
        var pair = Assert.Single((await clerk.GetAsync("/api/v1/duplicates")).Ok.GetProperty("items").EnumerateArray());
        Assert.Equal(pair.GetProperty("points").GetInt32(),
            pair.GetProperty("signs").EnumerateArray().Sum(s => s.GetProperty("points").GetInt32()));
        var decide = $"/api/v1/duplicates/{pair.GetProperty("id").GetGuid()}";
        Assert.Equal("twoPeople", (await clerk.PostAsync($"{decide}/two-people", new { reason = "姐妹" }))
            .String("status"));
        await clerk.PostAsync("/api/v1/duplicates/runs", new { organisationId = seeded.Committee });
        Assert.Empty((await clerk.GetAsync("/api/v1/duplicates")).Ok.GetProperty("items").EnumerateArray());
        Assert.Equal(409, (await clerk.PostAsync($"{decide}/two-people", new { reason = "再说一次" })).Status);
        Assert.Equal("open", (await clerk.PostAsync($"{decide}/reopen", new { reason = "说错了" })).String("status"));
    }

    [Fact, Trait("mechanism", "M-093")]
    public async Task Classes_are_dated_facts_that_people_decide()
    {
        var seeded = await Seeded.CreateAsync(registry, "P4");
        var id = await Seeded.MemberAsync(registry, seeded.Branch, 531);
        var clerk = registry.As("committee-clerk");
        var start = (await clerk.GetAsync($"/api/v1/members/{id}/classifications")).Ok;
        Assert.Contains("ELD", Values(start.GetProperty("suggestions"), "code"));
        Assert.Empty(start.GetProperty("facts").EnumerateArray());
        var body = new { axis = "class", code = "ELD", fromOn = "2026-01-01" };
        var fact = await clerk.PostAsync($"/api/v1/members/{id}/classifications", body);
        Assert.Equal("指导性管理", fact.String("management"));
        Assert.Equal(409, (await clerk.PostAsync($"/api/v1/members/{id}/classifications", body)).Status);
        Assert.Equal("UPG", (await clerk.PostAsync($"/api/v1/members/{id}/classifications",
            new { axis = "group", code = "UPG", fromOn = "2026-01-01" })).String("code"));
        var list = await clerk.GetAsync("/api/v1/classifications?axis=class&code=ELD&on=2026-02-01");
        Assert.Contains(id, list.Ok.GetProperty("items").EnumerateArray()
            .Select(l => l.GetProperty("member").GetProperty("id").GetGuid()));
        (await clerk.PostAsync($"/api/v1/classifications/{fact.Id()}/end",
            new { on = "2026-01-31", reason = "已去世亲属误报" })).Id();
        foreach (var (on, holds) in new[] { ("2026-01-31", true), ("2026-02-01", false) })
            Assert.Equal(holds, (await clerk.GetAsync($"/api/v1/classifications?axis=class&code=ELD&on={on}")).Ok
                .GetProperty("items").EnumerateArray()
                .Any(l => l.GetProperty("member").GetProperty("id").GetGuid() == id));
    }

    [Fact, Trait("mechanism", "M-124"), Trait("mechanism", "M-125")]
    public async Task Cards_print_with_the_fields_of_the_forms_masked_unless_a_reason_is_given()
    {
        var seeded = await Seeded.CreateAsync(registry, "P5");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 541);
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var outbound = (await secretary.PostAsync("/api/v1/outbound-cases", new
        {
            memberId = member, hostRegion = "140105", reason = "1", departsOn = "2026-03-01", employer = "甲&乙公司",
        })).Id("caseId");
        var card = $"/api/v1/outbound-cases/{outbound}/card";
        Assert.Equal(200, (await secretary.SendAsync(HttpMethod.Put, $"{card}/detail", System.Net.Http.Json
            .JsonContent.Create(new { familyContact = "配偶", duesPaidTo = "2026年2月" }), Guid.CreateVersion7())).Status);
        Assert.Equal("配偶", (await secretary.GetAsync($"{card}/detail")).String("familyContact"));
        var page = (await secretary.GetAsync(card)).Text;
        foreach (var word in new[] { "流动党员外出登记卡", "流动范围", "☑\u202F省内跨市", "☑\u202F外出务工经商", "满6个月", "2026年9月1日",
            "配偶", "2026年2月", "填报：测试镇党委P5测试支部P5", "甲&amp;乙公司", "139****0541", "A4", "党支部意见", "140105" })
            Assert.Contains(word, page, StringComparison.Ordinal);
        Assert.DoesNotContain(Seeded.IdNumber(541), page, StringComparison.Ordinal);
        Assert.Equal(400, (await secretary.PostAsync(card, new { reason = "" })).Status);
        Assert.Contains(Seeded.IdNumber(541), (await secretary.PostAsync(card, new { reason = "归档" })).Text,
            StringComparison.Ordinal);
        Assert.Equal(1, await registry.CountAsync(
            $"select count(*) from audit where subject_id = '{outbound}' and action = 'CardPrintedWhole'"
            + " and reason = '归档'"));

        var inbound = (await registry.As("committee-clerk").PostAsync("/api/v1/inbound-cases", new
        {
            homeRegion = "140105", hostRegion = "141022", name = "测试丙", idNumber = Seeded.IdNumber(542),
            arrivedOn = "2026-03-01", documentShown = "NON",
        })).Id();
        var other = (await registry.As("committee-clerk").GetAsync($"/api/v1/inbound-cases/{inbound}/card")).Text;
        foreach (var word in new[] { "流动党员外来登记卡", "出示证件", "未出示", "需求", "流入地党委意见", "测试丙" })
            Assert.Contains(word, other, StringComparison.Ordinal);
    }

    [Fact, Trait("mechanism", "M-074"), Trait("mechanism", "M-083"), Trait("mechanism", "M-086")]
    public async Task A_screening_goes_from_door_to_door_and_shows_who_was_not_looked_for()
    {
        var seeded = await Seeded.CreateAsync(registry, "P6");
        foreach (var number in new[] { 551, 552, 553 }) await Seeded.MemberAsync(registry, seeded.Branch, number);
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var id = (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = seeded.Committee, name = "春节排查", kind = "members", fromOn = "2026-02-01",
            untilOn = "2026-02-28",
        })).Id();
        // The branch carries out what the committee above has opened.
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        Assert.Contains(id, (await secretary.GetAsync("/api/v1/screenings")).Ok.GetProperty("items").EnumerateArray()
            .Select(s => s.GetProperty("id").GetGuid()));
        var sheet = (await secretary.PostAsync($"/api/v1/screenings/{id}/sheet",
            new { branchId = seeded.Branch, reason = "入户排查" })).Body;
        var filled = FilledSheet.Fill(sheet, (4, "H", "找到"), (5, "H", "已外出"), (5, "I", "太原"),
            (7, "C", "测试未登记"), (7, "K", "工地"), (7, "L", "三号工地"), (8, "C", "王1"));
        var results = $"/api/v1/screenings/{id}/results?branchId={seeded.Branch}";
        var dry = (await secretary.UploadAsync($"{results}&dryRun=true", filled)).Ok;
        Assert.Equal(0, await registry.CountAsync(
            $"select count(*) from screening_finding where screening_id = '{id}'"));
        var taken = (await secretary.UploadAsync(results, filled)).Ok;
        Assert.Equal(dry.GetProperty("problems").ToString(), taken.GetProperty("problems").ToString());
        Assert.Equal((8, "姓名"), (taken.GetProperty("problems")[0].GetProperty("row").GetInt32(),
            taken.GetProperty("problems")[0].GetProperty("column").GetString()));
        await secretary.UploadAsync(results, filled); // sent twice, counted once
        var progress = (await clerk.GetAsync($"/api/v1/screenings/{id}/progress")).Ok.GetProperty("branches")[0];
        Assert.Equal((3, 1, 1, 0, 1, 1), (Number("members"), Number("found"), Number("moved"), Number("notFound"),
            Number("unregistered"), Number("open")));
        int Number(string name) => progress.GetProperty(name).GetInt32();
        var ledger = (await clerk.GetAsync($"/api/v1/screenings/{id}/findings?outcome=unregistered")).Ok
            .GetProperty("items");
        Assert.Equal(("测试未登记", "SIT", "三号工地"), (ledger[0].GetProperty("name").GetString(),
            ledger[0].GetProperty("placeKind").GetString(), ledger[0].GetProperty("place").GetString()));
        // A neighbour carries out the same campaign and sees nothing of this branch.
        var neighbour = registry.As("branch-secretary", $"{seeded.CommitteePath}P6C/");
        Assert.Empty((await neighbour.GetAsync($"/api/v1/screenings/{id}/findings")).Ok.GetProperty("items")
            .EnumerateArray());
        Assert.Empty((await neighbour.GetAsync($"/api/v1/screenings/{id}/progress")).Ok.GetProperty("branches")
            .EnumerateArray());
        // Who was found without an archive is missing from the branch's books ("不准漏人").
        Assert.Equal(1, (await clerk.GetAsync($"/api/v1/quality/organisations/{seeded.Committee}")).Ok
            .GetProperty("peopleMissing").GetInt32());
        (await clerk.PostAsync($"/api/v1/screenings/{id}/close")).Id();
        Assert.Equal("SCREENING_CLOSED", (await secretary.UploadAsync(results, filled)).Code);
        Assert.Equal(400, (await secretary.UploadAsync(
            $"/api/v1/screenings/{await OpenPlacesAsync(clerk, seeded)}/results?branchId={seeded.Branch}",
            [1, 2, 3])).Status);
    }

    [Fact, Trait("mechanism", "M-086"), Trait("mechanism", "M-074"), Trait("mechanism", "M-085")]
    public async Task Who_is_found_at_a_site_without_an_archive_is_missing_until_one_is_linked()
    {
        var seeded = await Seeded.CreateAsync(registry, "PB");
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var secretary = registry.As("branch-secretary", seeded.BranchPath);
        var id = await OpenPlacesAsync(clerk, seeded);
        var reply = (await secretary.GetAsync("/api/v1/screenings?newest=true")).Ok.GetProperty("items")
            .EnumerateArray().Single(s => s.GetProperty("id").GetGuid() == id);
        Assert.Equal("测试镇党委PB", reply.GetProperty("organisationName").GetString());
        var sheet = (await secretary.PostAsync($"/api/v1/screenings/{id}/sheet",
            new { branchId = seeded.Branch, reason = "进工地" })).Body;
        // Nobody is listed on it; the visitors write down whom they met at which site.
        var filled = FilledSheet.Fill(sheet,
            (4, "C", "测试甲"), (4, "J", "13900009901"), (4, "K", "工地"), (4, "L", "三号工地"), (4, "M", "示例村党支部"),
            (4, "N", "2026-02-10"), (4, "O", "示例六"), (5, "C", "测试乙"), (5, "K", "市场"), (5, "L", "农贸市场"),
            (6, "C", "测试丙"), (6, "K", "码头"), (7, "C", "测试丁"), (7, "H", "找到"));
        var results = $"/api/v1/screenings/{id}/results?branchId={seeded.Branch}";
        var taken = (await secretary.UploadAsync(results, filled)).Ok;
        Assert.Equal(2, taken.GetProperty("unregistered").GetInt32());
        Assert.Equal([(6, "场所类型"), (7, "排查结果")], taken.GetProperty("problems").EnumerateArray()
            .Select(p => (p.GetProperty("row").GetInt32(), p.GetProperty("column").GetString()!)));
        var progress = (await clerk.GetAsync($"/api/v1/screenings/{id}/progress")).Ok;
        Assert.Equal((0, 2, 0), (progress.GetProperty("members").GetInt32(),
            progress.GetProperty("unregistered").GetInt32(), progress.GetProperty("open").GetInt32()));
        var found = (await secretary.GetAsync($"/api/v1/screenings/{id}/findings?linked=false")).Ok.GetProperty("items")
            .EnumerateArray().Single(f => f.GetProperty("name").GetString() == "测试甲");
        Assert.Equal(("139****9901", "SIT", "三号工地", "示例村党支部", "2026-02-10", "示例六"),
            (found.GetProperty("phoneMasked").GetString(), found.GetProperty("placeKind").GetString(),
                found.GetProperty("place").GetString(), found.GetProperty("homeOrganisation").GetString(),
                found.GetProperty("foundOn").GetString(), found.GetProperty("foundBy").GetString()));
        Assert.Equal(2, await MissingAsync(clerk, seeded));

        var member = await Seeded.MemberAsync(registry, seeded.Branch, 571, "测试甲");
        (await clerk.PostAsync($"/api/v1/screenings/{id}/close")).Id(); // archives are made after the campaign, too
        var link = $"/api/v1/screening-findings/{found.GetProperty("id").GetGuid()}/link";
        Assert.Equal($"{member}", (await secretary.PostAsync(link, new { memberId = member })).String("memberId"));
        Assert.Equal(1, await MissingAsync(clerk, seeded));
        Assert.Equal("测试乙", Assert.Single((await secretary.GetAsync(
            $"/api/v1/screenings/{id}/findings?linked=false")).Ok.GetProperty("items").EnumerateArray())
            .GetProperty("name").GetString());
        Assert.Equal("测试乙", Assert.Single((await clerk.GetAsync("/api/v1/screening-findings?outcome=unregistered"
            + $"&linked=false&organisationId={seeded.Branch}")).Ok.GetProperty("items").EnumerateArray())
            .GetProperty("name").GetString());
        Assert.Equal(404, (await secretary.PostAsync(link, new { memberId = Guid.NewGuid() })).Status);
        Assert.Equal(404, (await registry.As("branch-secretary", $"{seeded.CommitteePath}PBC/")
            .PostAsync(link, new { memberId = member })).Status);
    }

    [Fact, Trait("mechanism", "M-074")]
    public async Task A_sheet_sent_again_does_not_forget_the_archive_and_only_the_unregistered_are_linked()
    {
        var seeded = await Seeded.CreateAsync(registry, "PA");
        var member = await Seeded.MemberAsync(registry, seeded.Branch, 575);
        var clerk = registry.As("committee-clerk", seeded.CommitteePath);
        var id = (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = seeded.Committee, name = "春节排查", kind = "members", fromOn = "2026-02-01",
            untilOn = "2026-02-28",
        })).Id();
        var filled = FilledSheet.Fill((await clerk.PostAsync($"/api/v1/screenings/{id}/sheet",
            new { branchId = seeded.Branch, reason = "入户" })).Body, (4, "H", "找到"), (5, "C", "测试戊"));
        var results = $"/api/v1/screenings/{id}/results?branchId={seeded.Branch}";
        (await clerk.UploadAsync(results, filled)).Ok.ToString();
        var findings = (await clerk.GetAsync($"/api/v1/screenings/{id}/findings")).Ok.GetProperty("items")
            .EnumerateArray().ToDictionary(f => f.GetProperty("outcome").GetString()!,
                f => f.GetProperty("id").GetGuid());
        var made = await Seeded.MemberAsync(registry, seeded.Branch, 576, "测试戊");
        (await clerk.PostAsync($"/api/v1/screening-findings/{findings["unregistered"]}/link", new { memberId = made }))
            .Ok.ToString();
        Assert.Equal("FINDING_REGISTERED", (await clerk.PostAsync(
            $"/api/v1/screening-findings/{findings["found"]}/link", new { memberId = member })).Code);
        (await clerk.UploadAsync(results, filled)).Ok.ToString();
        Assert.Equal($"{made}", (await clerk.GetAsync($"/api/v1/screening-findings/{findings["unregistered"]}"))
            .String("memberId"));
        Assert.Equal(0, await MissingAsync(clerk, seeded));
    }

    private static async Task<int> MissingAsync(Platform.Testing.Api clerk, Seeded seeded) =>
        (await clerk.GetAsync($"/api/v1/quality/organisations/{seeded.Committee}")).Ok
            .GetProperty("peopleMissing").GetInt32();

    private static async Task<Guid> OpenPlacesAsync(Platform.Testing.Api clerk, Seeded seeded) =>
        (await clerk.PostAsync("/api/v1/screenings", new
        {
            organisationId = seeded.Committee, name = "进工地", kind = "places", fromOn = "2026-02-01",
            untilOn = "2026-02-28",
        })).Id();

    private static IEnumerable<string?> Values(JsonElement list, string property) =>
        list.EnumerateArray().Select(v => v.GetProperty(property).GetString());
}
