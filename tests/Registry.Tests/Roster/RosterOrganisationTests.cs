using Registry.Roster;
using static Registry.Tests.Roster.Workbooks;

namespace Registry.Tests.Roster;

public sealed class RosterOrganisationTests
{
    [Fact]
    public async Task Superiors_come_before_their_subordinates_whatever_the_order_of_the_rows()
    {
        var report = await Check(
            Organisation("C1", "B1"), Organisation("B1", "A1", "党总支"), Organisation("A1", "无", "基层党委"));
        Assert.Empty(report.Problems);
        Assert.Equal(["A1", "B1", "C1"], report.AcceptedOrganisations.Select(o => o.Code));
    }

    [Fact]
    [Trait("mechanism", "M-075")]
    public async Task Circles_strangers_and_repeats_are_refused_and_so_is_what_hangs_below()
    {
        var report = await Check(
            Organisation("A1", "A2"), Organisation("A2", "A1"), Organisation("B1", "X9"), Organisation("C1", "B1"),
            Organisation("D1", "无"), Organisation("D1", "无"));
        Assert.Equal(
            ["PARENT_LOOP", "PARENT_LOOP", "PARENT_UNKNOWN", "PARENT_REFUSED", "ORGANISATION_DUPLICATE"],
            report.Problems.Select(p => p.Rule.Id));
        Assert.Equal(["D1"], report.AcceptedOrganisations.Select(o => o.Code));
    }

    [Fact]
    public async Task A_superior_may_be_known_to_the_registry_already()
    {
        var file = Xlsx(("组织", Sheet(Table(RosterSheet.Organisations, Organisation("B1", "OLD")))));
        var report = await RosterFiles.CheckAsync(file, known: new Dictionary<string, string> { ["OLD"] = "GCM" });
        Assert.Empty(report.Problems);
    }

    [Fact]
    [Trait("mechanism", "M-075")]
    public async Task Members_enter_branches_only_and_only_accepted_ones()
    {
        var file = Xlsx(
            ("组织", Sheet(Table(RosterSheet.Organisations,
                Organisation("A1", "无", "基层党委"), Organisation("B1", "X9"), Organisation("B2", "A1")))),
            ("党员", Sheet(Table(RosterSheet.Members, In("A1", 1), In("B1", 3), In("B2", 5), In("KNOWN", 7)))));
        var report = await RosterFiles.CheckAsync(file, known: new Dictionary<string, string> { ["KNOWN"] = "BRA" });
        Assert.Equal(["BRANCH_HOLDS_NO_MEMBERS", "BRANCH_REFUSED"], report.Members
            .Where(m => !m.IsAccepted).Select(m => m.Problems.Single(p => !p.Rule.WarningOnly).Rule.Id));
        Assert.Equal(["B2", "KNOWN"], report.AcceptedMembers.Select(m => m.Branch));

        static Dictionary<string, string> In(string branch, int sequence) =>
            new(Member(sequence)) { ["branch"] = branch };
    }

    [Fact]
    public async Task A_chain_of_a_thousand_superiors_is_refused_quickly()
    {
        var chain = Enumerable.Range(0, 1000).Select(i => Organisation($"A{i}", i == 0 ? "无" : $"A{i - 1}")).ToArray();
        var report = await Check(chain);
        Assert.Equal(RosterRun.DepthMax + 1, report.AcceptedOrganisations.Count());
    }

    private static Task<RosterReport> Check(params Dictionary<string, string>[] rows) =>
        RosterFiles.CheckAsync(Xlsx(("组织", Sheet(Table(RosterSheet.Organisations, rows)))));
}
