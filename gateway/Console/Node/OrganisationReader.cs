using Gateway.Console.Parts;
using Gateway.Console.Sessions;
using Platform.Hosting;

namespace Gateway.Console.Node;

/// <summary>Everything the page of an organisation shows, of one day.</summary>
/// <param name="Then">What it was on the day.</param>
/// <param name="Now">What is kept today; null for a past day.</param>
public sealed record OrganisationView(Guid Id, DateOnly Day, HistorySpell Then, OrganisationFacts? Now,
    OrganisationHistory History, Headcount Count, ListPage<TreeNode> Children, int ChildrenInAll,
    IReadOnlyList<AlarmLine> Alarms, IReadOnlyList<AdviceLine> Advice, IReadOnlyList<PostLine> Posts, TermLine? Term,
    IReadOnlyList<FacilityLine> Facilities);

/// <summary>Reads an organisation from the registry, question beside question.</summary>
public sealed class OrganisationReader(NodeApi api, Say say)
{
    /// <summary>Rows of the table of children.</summary>
    public const int ChildRows = 20;

    private const int NamesMax = 8;

    private static readonly string[] SeeMembers = [Roles.TierAdministrator, Roles.CommitteeClerk,
        Roles.BranchSecretary, Roles.LiaisonOfficer, Roles.Supervisor];

    private sealed record Named(string Name);

    /// <summary>True for who may open archives.</summary>
    public static bool SeesMembers(Caller me) => me.Has(SeeMembers);

    /// <param name="asOf">Null: today, or the last day of one that is dissolved.</param>
    /// <param name="after">Where the table of children goes on.</param>
    /// <exception cref="NodeProblemException">Out of reach, or not there on that day.</exception>
    public async Task<OrganisationView> ReadAsync(Guid id, DateOnly? asOf, string? after, Caller me,
        CancellationToken ct)
    {
        var history = await api.GetAsync<OrganisationHistory>($"organisations/{id}/history", ct);
        var last = history.DissolvedOn is { } gone && gone <= say.Today ? gone.AddDays(-1) : say.Today;
        var day = asOf ?? last;
        var on = day == say.Today ? "" : $"&asOf={Say.Iso(day)}";
        var count = api.GetAsync<Headcount>($"organisations/{id}/headcount?asOf={Say.Iso(day)}", ct);
        var from = after is null ? "" : $"&after={Uri.EscapeDataString(after)}";
        var children = api.GetAsync<ListPage<TreeNode>>(
            $"organisations/tree?parentId={id}&size={ChildRows}{on}{from}", ct);
        var posts = PostsAsync(id, day, me, ct);
        var now = day == last ? api.GetAsync<OrganisationFacts>($"organisations/{id}", ct) : null;
        var lives = day == say.Today;
        var alarms = lives ? api.GetAsync<ListPage<AlarmLine>>($"attention?of={id}", ct) : null;
        var advice = lives ? api.GetAsync<AdviceReply>($"organisations/{id}/formation-advice", ct) : null;
        var terms = api.GetAsync<List<TermLine>>($"organisations/{id}/terms", ct);
        var facilities = lives ? api.GetAsync<ListPage<FacilityLine>>($"facilities?under={id}&size=20", ct) : null;
        // Waited for together: a refusal of one leaves none behind unseen.
        await Task.WhenAll(((Task?[])[count, children, posts, now, alarms, advice, terms, facilities]).OfType<Task>());
        return new(id, day, history.On(day) ?? history.Spells[0], now is null ? null : await now, history, await count,
            await children, await ChildrenInAllAsync(id, on, await children, after, ct),
            alarms is null ? [] : (await alarms).Items, advice is null ? [] : (await advice).Advice, await posts,
            (await terms).Where(t => t.ElectedOn <= day).MaxBy(t => t.ElectedOn),
            facilities is null ? [] : (await facilities).Items);
    }

    /// <summary>How many there are; a page that is the whole list needs no second question.</summary>
    private async Task<int> ChildrenInAllAsync(Guid id, string on, ListPage<TreeNode> page, string? after,
        CancellationToken ct)
    {
        if (after is null && page.Next is null) return page.Items.Count;
        var own = await api.GetAsync<ListPage<TreeNode>>($"organisations/tree?under={id}&size=1{on}", ct);
        return own.Items[0].Children;
    }

    private async Task<IReadOnlyList<PostLine>> PostsAsync(Guid id, DateOnly day, Caller me, CancellationToken ct)
    {
        var posts = await api.GetAsync<ListPage<PostLine>>(
            $"organisations/{id}/appointments?asOf={Say.Iso(day)}&size=50", ct);
        if (!SeesMembers(me)) return posts.Items;
        var names = await Task.WhenAll(posts.Items.Select(p => p.MemberId).OfType<Guid>().Distinct().Take(NamesMax)
            .Select(m => NameAsync(m, ct)));
        return [.. posts.Items.Select(p => p with { Name = names.FirstOrDefault(n => n.Id == p.MemberId).Name })];
    }

    private async Task<(Guid? Id, string? Name)> NameAsync(Guid member, CancellationToken ct)
    {
        try
        {
            return (member, (await api.GetAsync<Named>($"members/{member}", ct)).Name);
        }
        catch (NodeProblemException)
        {
            return (member, null); // kept elsewhere today
        }
    }
}
