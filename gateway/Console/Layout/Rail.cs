using Gateway.Console.Node;
using Gateway.Console.Sessions;
using Platform.Hosting;

namespace Gateway.Console.Layout;

/// <summary>One way in the rail.</summary>
/// <param name="Word">Key of the word, and of the count on the page.</param>
/// <param name="Count">Tasks that wait behind it; null: nothing is counted.</param>
internal sealed record RailItem(string Word, string Icon, string Href, Func<QueueCounts?, int?>? Count = null);

/// <summary>Ways under one heading; no word: without one.</summary>
internal sealed record RailGroup(string Word, IReadOnlyList<RailItem> Items);

/// <summary>Which ways a role has: only what it may do. The services decide again on every request.</summary>
internal static class Rail
{
    private static readonly string[] CaseRoles = [Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary,
        Roles.LiaisonOfficer, Roles.Supervisor];

    private static readonly string[] WorkRoles = [Roles.CommitteeClerk, Roles.BranchSecretary, Roles.LiaisonOfficer];

    private static readonly RailItem Todo = new("todo", "inbox", "/?list=todo", c => c?.Todo);
    private static readonly RailItem Compare =
        new("reconciliation", "compare", "/reconciliation", c => c?.Agreements.GetValueOrDefault("differs"));
    private static readonly RailItem ComingIn = new("coming-in", "in", "/coming-in");
    private static readonly RailItem Places = new("places", "pin", "/places");

    public static bool HasQueues(Caller me) => me.Has(CaseRoles);

    /// <summary>The groups of the rail, empty ones left out.</summary>
    public static IEnumerable<RailGroup> For(Caller me) => All(me).Where(g => g.Items.Count > 0);

    private static IEnumerable<RailGroup> All(Caller me)
    {
        var (cases, works) = (me.Has(CaseRoles), me.Has(WorkRoles));
        yield return new("", [.. Of(cases, new RailItem("workbench", "home", "/")),
            .. Of(me.MemberId is not null, new RailItem("own-record", "person", "/me"), Places)]);
        yield return new("my-queues", [.. Of(cases, Todo,
            new("waiting", "hourglass", "/?list=waiting", c => c?.Waiting),
            new("soon", "calendar", "/?list=soon", c => c?.Soon),
            new("overdue", "alarm", "/?list=overdue", c => c?.Overdue))]);
        yield return new("mobility", [.. Of(me.Has(Roles.CommitteeClerk, Roles.BranchSecretary),
            new RailItem("going-out", "out", "/going-out")), .. Of(works, ComingIn), .. Of(cases, Compare),
            .. Of(!cases && me.Has(Roles.Analyst, Roles.Auditor), Compare with { Count = null }),
            .. Of(me.Has(Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary),
                new RailItem("requests", "talk", "/requests"))]);
        yield return new("registers", [.. Of(cases, new RailItem("members", "person", "/members")),
            .. Of(cases || me.Has(Roles.Analyst, Roles.Auditor),
                new RailItem("organisations", "tree", "/organisations")),
            .. Of(OutpostLine.Decides(me),
                new RailItem("outposts", "pin", "/organisations/outposts", c => c?.Outposts)),
            .. Of(me.Has(Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary, Roles.Supervisor),
                new RailItem("quality", "checklist", "/quality")),
            .. Of(me.Has(Roles.TierAdministrator, Roles.CommitteeClerk, Roles.BranchSecretary),
                new RailItem("screenings", "scan", "/screenings")),
            .. Of(me.Has(Roles.TierAdministrator, Roles.CommitteeClerk),
                new RailItem("doubles", "users", "/doubles"), new("import", "upload", "/imports"))]);
        yield return new("running", [.. Of(me.Has(Roles.Analyst, Roles.TierAdministrator, Roles.CommitteeClerk,
            Roles.Supervisor, Roles.Auditor), new RailItem("overview", "chart", "/overview")),
            .. Of(me.Has(Roles.Operator), new RailItem("exchange", "exchange", "/exchange")),
            .. Of(me.Has(Roles.SystemAdministrator, Roles.SecurityAdministrator, Roles.Auditor),
                new RailItem("accounts", "users", "/accounts"))]);
    }

    /// <summary>At most five ways at the foot of a phone.</summary>
    public static IEnumerable<RailItem> Bottom(Caller me)
    {
        if (me.Has(CaseRoles)) yield return new("workbench", "home", "/");
        if (me.Has(CaseRoles)) yield return Todo;
        if (me.Has(WorkRoles)) yield return ComingIn;
        if (me.Has(CaseRoles)) yield return Compare with { Word = "reconciliation-short" };
        if (me.MemberId is not null) yield return new("own-record", "person", "/me");
        if (me.MemberId is not null && !me.Has(CaseRoles)) yield return Places;
        yield return new("more", "more", "/more");
    }

    private static RailItem[] Of(bool may, params RailItem[] items) => may ? items : [];
}
