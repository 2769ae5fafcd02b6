using Gateway.Console.Node;
using Gateway.Console.Sessions;
using Platform.Hosting;

namespace Gateway.Console.Parts;

/// <summary>One step of one side.</summary>
/// <param name="Name">As in the address (<c>?do=</c>) and in the words.</param>
/// <param name="Path">Below the side's cards in the registry's API.</param>
public sealed record CaseStep(string Side, string Name, string Path)
{
    /// <summary>Opens the form of the step.</summary>
    public string Address(Guid caseId) => $"/cases/{caseId}?do={Name}&side={Side}";
}

/// <summary>
/// Which steps the page offers: those that the state of the card and the role allow. The registry decides again; a
/// step that is offered in vain is refused there.
/// </summary>
public static class CaseSteps
{
    private static readonly string[] Work = [Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer];
    private static readonly string[] Decide = [Roles.CommitteeClerk, Roles.TierAdministrator];
    private static readonly string[] Under = ["notified", "admitted", "notFound", "lostContact"];
    private static readonly string[] Stands = ["awaitingHome", "confirmed", "admitted", "lostContact"];

    private sealed record Rule(CaseStep Step, string[] States, string[] MayRoles);

    private static readonly Rule[] All =
    [
        Home("approve", "approve", Decide, "applied"),
        Home("refuse", "refuse", Decide, "applied"),
        Home("prepare", "prepare", Work, "approved"),
        Home("notify", "notify", Work, "prepared", "notFound"),
        Home("confirmIdentity", "confirm-identity", Decide, "toConfirm"),
        Home("denyIdentity", "deny-identity", Decide, "toConfirm"),
        Home("resolveDifference", "adopt", Work, "admitted", "lostContact"),
        Home("change", "change", Work, ["applied", "approved", "prepared", .. Under]),
        Home("moveOn", "move-on", Work, Under),
        Home("recordReturn", "return", Work, Under),
        Home("regainContact", "regain-contact", Work, "lostContact"),
        Home("lostContact", "lost-contact", Decide, "notified", "admitted", "notFound"),
        Home("remark", "remark", Work, ["toConfirm", .. Under]),
        Host("admit", "admit", Work, "noticed", "notFound", "confirmed", "admitted"),
        Host("notFound", "not-found", Work, "noticed"),
        Host("resolveDifference", "adopt", Work, Stands),
        Host("feedback", "feedback", Work, "admitted", "lostContact"),
        Host("change", "change", Work, Stands),
        Host("leave", "leave", Work, "confirmed", "admitted", "lostContact"),
        Host("lostContact", "lost-contact", Decide, "admitted"),
        Host("remark", "remark", Work, ["noticed", "notFound", .. Stands]),
    ];

    /// <summary>Every name a step has in an address.</summary>
    public static bool IsStep(string? name) => All.Any(r => r.Step.Name == name);

    /// <summary>What may be done now, in the order of the page.</summary>
    public static IReadOnlyList<CaseStep> For(CaseFile file, Caller me) => [.. All.Where(r =>
        (r.Step.Side == "home" ? file.Home?.Status : file.Here?.Status) is { } status && r.States.Contains(status)
        && me.Has(r.MayRoles)
        && (r.Step.Name != "resolveDifference" || file.Differences.Count > 0)).Select(r => r.Step)];

    /// <summary>The step an address names; the lists call two steps by what has to be found out.</summary>
    public static CaseStep? Named(IEnumerable<CaseStep> steps, string? name, string? side)
    {
        var real = name switch { "findMember" => "notify", "search" => "regainContact", _ => name };
        return steps.Where(s => s.Name == real).OrderBy(s => s.Side != side).FirstOrDefault();
    }

    /// <summary>A step by its name and side, whatever the state: the one a posted form asks for.</summary>
    public static CaseStep? Posted(string name, string side) =>
        All.Select(r => r.Step).FirstOrDefault(s => s.Name == name && s.Side == side);

    private static Rule Home(string name, string path, string[] roles, params string[] states) =>
        new(new("home", name, path), states, roles);

    private static Rule Host(string name, string path, string[] roles, params string[] states) =>
        new(new("host", name, path), states, roles);
}
