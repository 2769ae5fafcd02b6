using Registry.Organisations;

namespace Registry.Tests.Organisations;

/// <summary>Both sides of each number of R-090..R-095, one by one: alarms, never changes.</summary>
public sealed class ThresholdsTests
{
    private static readonly DateOnly Today = new(2026, 3, 18);

    /// <summary>A branch with nothing to say about it.</summary>
    private static readonly OrganisationFacts Branch = new(true, false, false, Members: 10, FullMembers: 6,
        HasSecretary: true, Officers: 1, Units: 0, TermEndsOn: null, false, false, false);

    private static readonly OrganisationFacts General = Branch with
    {
        HoldsMembers = false, IsGeneralBranch = true, IsCommittee = true, TermEndsOn = Today.AddYears(1),
    };

    [Fact]
    public void A_branch_within_its_numbers_has_no_alarm() => Assert.Empty(Kinds(Branch));

    [Theory]
    [InlineData(3, false)]
    [InlineData(2, true)]
    [InlineData(0, true)]
    public void A_branch_has_three_full_members(int full, bool alarm) =>
        Says(Branch with { FullMembers = full, Members = full }, AlarmKind.TooFewMembers, "R-090, R-095", alarm);

    [Theory]
    [InlineData(50, false)]
    [InlineData(51, true)]
    public void More_than_fifty_members_call_for_a_general_branch(int members, bool alarm) =>
        Says(Branch with { Members = members }, AlarmKind.TooManyMembers, "R-090, R-091", alarm);

    [Theory]
    [InlineData(100, false)]
    [InlineData(101, true)]
    public void More_than_a_hundred_below_a_general_branch_call_for_a_committee(int members, bool alarm) =>
        Says(General with { Members = members }, AlarmKind.TooManyMembers, "R-091", alarm);

    [Theory]
    [InlineData(5, true, false)]
    [InlineData(6, true, true)]
    [InlineData(6, false, false)] // only what several units share is counted
    public void A_joint_branch_covers_at_most_five_units(int units, bool joint, bool alarm) =>
        Says(Branch with { IsJoint = joint, Units = units }, AlarmKind.TooManyUnits, "R-090", alarm);

    [Theory]
    [InlineData(6, 1, false)]
    [InlineData(7, 2, true)]
    [InlineData(7, 3, false)]
    public void Seven_full_members_call_for_a_committee_of_three(int full, int officers, bool alarm) =>
        Says(Branch with { FullMembers = full, Officers = officers, TermEndsOn = Today.AddYears(1) },
            AlarmKind.NoCommittee, "R-092", alarm);

    [Theory]
    [InlineData(91, null)]
    [InlineData(90, AlarmKind.TermEnding)]
    [InlineData(1, AlarmKind.TermEnding)]
    [InlineData(0, AlarmKind.TermOver)]
    [InlineData(-400, AlarmKind.TermOver)]
    public void A_term_is_told_ninety_days_before_it_ends(int daysLeft, AlarmKind? alarm) =>
        Assert.Equal(alarm is { } a ? [a] : [], Kinds(Branch with { TermEndsOn = Today.AddDays(daysLeft) }));

    [Theory]
    [InlineData(6, 2, false)] // a secretary alone, and a deputy
    [InlineData(7, 3, true)]
    [InlineData(6, 3, true)] // fewer members, but a committee all the same
    public void A_committee_without_a_recorded_term_is_told(int full, int officers, bool alarm)
    {
        var branch = Branch with { FullMembers = full, Officers = officers };
        Says(branch, AlarmKind.TermMissing, "R-094", alarm);
        Says(branch with { TermEndsOn = Today.AddYears(1) }, AlarmKind.TermMissing, "R-094", false);
    }

    [Fact]
    public void A_grassroots_committee_and_a_general_branch_always_have_a_term() =>
        Says(General with { TermEndsOn = null }, AlarmKind.TermMissing, "R-094", true);

    [Theory]
    [InlineData("2025-09-19", false)]
    [InlineData("2025-09-18", true)]
    public void A_temporary_branch_of_six_months_is_told(string since, bool alarm) =>
        Says(Branch with { TemporarySince = DateOnly.Parse(since, null) }, AlarmKind.TemporaryOver, "R-093", alarm);

    [Fact]
    public void An_outpost_without_an_approval_is_told() =>
        Says(Branch with { ApprovalMissing = true }, AlarmKind.ApprovalMissing, "R-007", true);

    private static void Says(OrganisationFacts facts, AlarmKind kind, string source, bool alarm) => Assert.Equal(
        alarm ? [source] : [], Thresholds.Of(facts, new(), Today).Where(a => a.Kind == kind).Select(a => a.Source));

    private static IEnumerable<AlarmKind> Kinds(OrganisationFacts facts) =>
        Thresholds.Of(facts, new(), Today).Select(a => a.Kind);
}
