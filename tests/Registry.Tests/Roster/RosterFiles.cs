using System.Text;
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
        RosterLimits? limits = null) =>
        RosterChecker.CheckAsync(
            RosterReader.ReadAsync(new MemoryStream(file), name, limits), Rules,
            known ?? new Dictionary<string, string>());

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
