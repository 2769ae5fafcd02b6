using Gateway.Console.Node;
using Gateway.Console.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Localization;
using Platform.Hosting;

namespace Gateway.Console.Layout;

/// <summary>One thing to open.</summary>
/// <param name="Number">Place in the whole list, from 0.</param>
public sealed record PaletteEntry(int Number, string Icon, string Name, string Where, string Note, string Href);

/// <summary>Things of one kind.</summary>
public sealed record PaletteGroup(string Title, IReadOnlyList<PaletteEntry> Entries);

/// <summary>What one box finds: the service's search, and the ways of the role by their words.</summary>
public sealed class Palette(NodeApi api, IStringLocalizer<Shell> words)
{
    private const int EachMax = 6;

    private sealed record Hits<T>(IReadOnlyList<T> Items, bool More);

    private sealed record MemberHit(string BranchName, FoundMember Member);

    private sealed record FoundMember(Guid Id, string Name, string IdNumberMasked);

    private sealed record OrganisationHit(Guid Id, string Code, string Name);

    private sealed record CaseHit(Guid CaseId, string Name, string Agreement);

    private sealed record Found(Hits<MemberHit> Members, Hits<OrganisationHit> Organisations, Hits<CaseHit> Cases);

    /// <summary>Groups for what was typed, at most six things each; nothing typed: the ways alone.</summary>
    public async Task<IReadOnlyList<PaletteGroup>> FindAsync(string typed, Caller me, CancellationToken ct)
    {
        var text = typed.Trim();
        var found = text.Length == 0 ? null
            : await api.PostAsync<Found>("search", new { words = text }, Guid.CreateVersion7(), ct);
        var number = 0;
        PaletteEntry Entry(string icon, string name, string where, string note, string href) =>
            new(number++, icon, name, where, note, href);
        List<PaletteGroup> groups = [];
        if (found is not null)
        {
            groups.Add(new(words["members"], [.. found.Members.Items.Take(EachMax).Select(m => Entry("person",
                m.Member.Name, m.BranchName, m.Member.IdNumberMasked, $"/members/{m.Member.Id}"))]));
            groups.Add(new(words["mobility"], [.. found.Cases.Items.Take(EachMax).Select(c => Entry("compare", c.Name,
                "", words[c.Agreement], $"/cases/{c.CaseId}"))]));
            groups.Add(new(words["organisations"], [.. found.Organisations.Items.Take(EachMax).Select(o =>
                Entry("building", o.Name, "", o.Code, $"/organisations/{o.Id}"))]));
        }
        groups.Add(new(words["things-to-do"], [.. Rail.For(me).SelectMany(g => g.Items).Distinct()
            .Where(i => words[i.Word].Value.Contains(text, StringComparison.CurrentCultureIgnoreCase))
            .Take(EachMax).Select(i => Entry(i.Icon, words[i.Word], "", "", i.Href))]));
        return groups;
    }

    internal static void Map(IEndpointRouteBuilder app) =>
        app.MapPost("/palette", async ([FromForm] string? words, Palette palette, HttpContext http) =>
        {
            try
            {
                return (IResult)new RazorComponentResult<PaletteList>(new
                {
                    Groups = await palette.FindAsync(words ?? "", Caller.Of(http.User), http.RequestAborted),
                });
            }
            catch (NodeProblemException e)
            {
                return Results.StatusCode(e.Problem.Status);
            }
        }).RequireAuthorization();
}

/// <summary>The counts of the rail for the script that keeps them fresh.</summary>
internal static class CountsEndpoint
{
    public static void Map(IEndpointRouteBuilder app) => app.MapGet("/counts",
        async (Queues queues, IStringLocalizer<Shell> words, HttpContext http) =>
            await queues.OfAsync(Caller.Of(http.User)) is { } c ? Results.Json(new Dictionary<string, object>
            {
                ["todo"] = c.Todo, ["waiting"] = c.Waiting, ["soon"] = c.Soon, ["overdue"] = c.Overdue,
                ["reconciliation"] = c.Agreements.GetValueOrDefault("differs"),
                ["reconciliation-short"] = c.Agreements.GetValueOrDefault("differs"),
                ["outposts"] = c.Outposts,
                ["moment"] = words["same-moment", Parts.Say.Time(c.At)].Value,
            }) : Results.NoContent()).RequireAuthorization();
}
