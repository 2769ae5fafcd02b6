using System.Collections.Immutable;
using Platform.Kernel;
using Registry.Roster;

namespace Registry.Service.Roster;

/// <summary>What a whole file came to. Either the file was refused, or every row has an outcome.</summary>
/// <param name="Refusal">Why the file as a whole was refused; then nothing else is filled.</param>
/// <param name="Organisations">Accepted first, superiors before subordinates; then refused in file order.</param>
/// <param name="Members">In file order.</param>
public sealed record RosterReport(
    Problem? Refusal,
    ImmutableArray<RosterOutcome<OrganisationEntry>> Organisations,
    ImmutableArray<RosterOutcome<MemberEntry>> Members)
{
    /// <summary>Entries to apply, superiors before subordinates.</summary>
    public IEnumerable<OrganisationEntry> AcceptedOrganisations =>
        Organisations.Select(o => o.Entry).OfType<OrganisationEntry>();

    public IEnumerable<MemberEntry> AcceptedMembers => Members.Select(o => o.Entry).OfType<MemberEntry>();

    /// <summary>Rows that a rule refused, both sheets.</summary>
    public int RefusedCount => Organisations.Count(o => !o.IsAccepted) + Members.Count(o => !o.IsAccepted);

    /// <summary>Every problem and warning: organisations, then members, by row.</summary>
    public IEnumerable<RosterProblem> Problems =>
        Organisations.OrderBy(o => o.Row.Number).SelectMany(o => o.Problems)
            .Concat(Members.SelectMany(o => o.Problems));
}

/// <summary>Reads a file to its end and judges every row; applies nothing.</summary>
/// <remarks>Source: M-073 to M-075: no person, no item omitted, none wrong; nothing twice.</remarks>
public static class RosterChecker
{
    /// <param name="items">From <see cref="RosterReader"/>.</param>
    /// <param name="known">Organisations in reach of whoever imports: code → type code.</param>
    /// <param name="heldElsewhere">Id numbers that another branch holds already; null means none.</param>
    public static async Task<RosterReport> CheckAsync(
        IAsyncEnumerable<RosterItem> items, RosterRules rules, IReadOnlyDictionary<string, string> known,
        IReadOnlySet<string>? heldElsewhere = null, CancellationToken cancellation = default)
    {
        var run = new RosterRun(rules, known, heldElsewhere);
        ImmutableArray<RosterOutcome<OrganisationEntry>>? organisations = null;
        var members = ImmutableArray.CreateBuilder<RosterOutcome<MemberEntry>>();
        await foreach (var (row, problem) in items.WithCancellation(cancellation))
        {
            if (problem is not null) return new(problem, [], []);
            if (row!.Sheet == RosterSheet.Organisations)
            {
                run.Add(row);
                continue;
            }
            organisations ??= run.CloseOrganisations();
            members.Add(Light(run.AddMember(row)));
        }
        organisations ??= run.CloseOrganisations();
        return new(null, [.. organisations.Value.Select(Light)], members.ToImmutable());
    }

    /// <summary>Cells are kept only where somebody will want to see them again.</summary>
    private static RosterOutcome<T> Light<T>(RosterOutcome<T> outcome) where T : class =>
        outcome.Problems.IsEmpty ? outcome with { Row = outcome.Row with { Cells = [] } } : outcome;
}
