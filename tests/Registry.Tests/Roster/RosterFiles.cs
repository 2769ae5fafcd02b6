using System.Collections.Immutable;
using System.Text;
using Platform.Kernel;
using Registry.Roster;
using Registry.Service.Reference;
using Registry.Service.Roster;

namespace Registry.Tests.Roster;

/// <summary>Reads and checks a file as the service does, with the real reference data.</summary>
public static class RosterFiles
{
    public static readonly DateOnly Today = new(2026, 11, 22);

    public static RosterRules Rules => new(ReferenceData.Codes, ReferenceData.Divisions, Today);

    public static Task<RosterReport> CheckAsync(
        byte[] file, string name = "roster.xlsx", IReadOnlyDictionary<string, string>? known = null,
        RosterLimits? limits = null) => Task.FromResult(Check(file, name, known, limits));

    private static RosterReport Check(
        byte[] file, string name, IReadOnlyDictionary<string, string>? known, RosterLimits? limits)
    {
        var run = new RosterRun(Rules, known ?? new Dictionary<string, string>());
        ImmutableArray<RosterOutcome<OrganisationEntry>>? organisations = null;
        var members = ImmutableArray.CreateBuilder<RosterOutcome<MemberEntry>>();
        foreach (var (row, problem) in RosterReader.Read(new MemoryStream(file), name, limits ?? Limits))
        {
            if (problem is not null) return new(problem, [], []);
            if (row!.Sheet == RosterSheet.Organisations) run.Add(row);
            else
            {
                organisations ??= run.CloseOrganisations();
                members.Add(run.Member(row, RosterFinding.None));
            }
        }
        return new(null, organisations ?? run.CloseOrganisations(), members.ToImmutable());
    }

    /// <summary>Small enough for files that are made to be refused.</summary>
    public static RosterLimits Limits { get; } = RosterLimits.Default with
    {
        FileBytesMax = 20 << 20,
        InflatedBytesMax = 256 << 20,
        RowsMax = 50_000,
    };

    public static Task<RosterReport> CheckCsvAsync(string text, IReadOnlyDictionary<string, string>? known = null) =>
        CheckAsync(Encoding.UTF8.GetBytes(text), "roster.csv", known);

    /// <summary>Rule ids of one member row, in order.</summary>
    public static async Task<string[]> RulesOf(params (string Column, string Value)[] changes)
    {
        var member = Workbooks.Member();
        foreach (var (column, value) in changes) member[column] = value;
        var report = await CheckAsync(Workbooks.Roster(member));
        Assert.Null(report.Refusal);
        return [.. report.Problems.Select(p => p.Rule.Id)];
    }
}

/// <summary>What a file came to, row by row; comparing rows with each other is the database's work.</summary>
/// <param name="Refusal">Why the file as a whole was refused; then nothing else is filled.</param>
/// <param name="Organisations">Accepted first, superiors before subordinates; then refused in file order.</param>
public sealed record RosterReport(
    Problem? Refusal,
    ImmutableArray<RosterOutcome<OrganisationEntry>> Organisations,
    ImmutableArray<RosterOutcome<MemberEntry>> Members)
{
    public IEnumerable<OrganisationEntry> AcceptedOrganisations =>
        Organisations.Select(o => o.Entry).OfType<OrganisationEntry>();

    public IEnumerable<MemberEntry> AcceptedMembers => Members.Select(o => o.Entry).OfType<MemberEntry>();

    public IEnumerable<RosterProblem> Problems =>
        Organisations.OrderBy(o => o.Row.Number).SelectMany(o => o.Problems)
            .Concat(Members.SelectMany(o => o.Problems));
}
