using Gateway.Console.Parts;
using Gateway.Console.Resources;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Localization;

namespace Gateway.Console.Node;

/// <summary>One row of a tree, whatever the tree is of.</summary>
/// <param name="Key">Tells the row from others.</param>
/// <param name="At">Place among its siblings from 1; 0: not known.</param>
/// <param name="Of">Number of siblings.</param>
public sealed record TreeRow(string Key, string Href, int Level, int At, int Of, string Name)
{
    /// <summary>Sign before the name.</summary>
    public string Mark { get; init; } = "";

    /// <summary>committee, mobile or null.</summary>
    public string? MarkKind { get; init; }

    /// <summary>Where the rows below, or after a <see cref="IsMore"/> row, come from; null: a leaf.</summary>
    public string? Load { get; init; }

    public bool IsOpen { get; init; }

    public bool IsSelected { get; init; }

    /// <summary>Stands for rows that are not there yet.</summary>
    public bool IsMore { get; init; }

    /// <summary>What needs attention; "" when nothing does.</summary>
    public string Alarm { get; init; } = "";

    public string Count { get; init; } = "";
}

/// <summary>
/// The trees of organisations as flat rows. A level is read when it is opened, at most <see cref="LevelRows"/> at once:
/// a tree of 100,000 costs no more than what is looked at.
/// </summary>
public sealed class OrganisationTree(NodeApi api, IStringLocalizer<Organisations> words)
{
    /// <summary>Rows of one answer.</summary>
    public const int LevelRows = 100;

    /// <summary>From the top down to what is selected, and the level below it.</summary>
    /// <param name="wanted">Path of what is selected, on that day; null: nothing.</param>
    public async Task<IReadOnlyList<TreeRow>> RowsAsync(string? wanted, DateOnly? asOf, CancellationToken ct)
    {
        List<TreeRow> rows = [];
        await AddAsync(rows, null, 1, wanted, asOf, ct);
        return rows;
    }

    /// <summary>The next rows of one level, as the script asks for them.</summary>
    /// <param name="at">Rows shown before.</param>
    /// <param name="of">Rows of the level.</param>
    public async Task<IReadOnlyList<TreeRow>> LevelAsync(Guid parent, int level, string? after, int at, int of,
        DateOnly? asOf, CancellationToken ct)
    {
        var page = await ReadAsync(parent, after, LevelRows, asOf, ct);
        List<TreeRow> rows = [.. page.Items.Select((n, i) => Row(n, level, at + i + 1, of, false, null, asOf))];
        if (page.Next is { } next) rows.Add(More(parent, level, next, at + rows.Count, of, asOf));
        return rows;
    }

    /// <summary>Places right below a division, as rows.</summary>
    public async Task<IReadOnlyList<TreeRow>> PlacesAsync(string within, int level, string? selected, DateOnly? asOf,
        CancellationToken ct)
    {
        var groups = await api.GetAsync<List<GroupLine>>($"organisations/by-place?within={within}{Day(asOf)}", ct);
        List<TreeRow> rows = [];
        foreach (var (group, i) in groups.Select((g, i) => (g, i)))
        {
            // Who is kept at the division itself, not at one below it, comes as a group of the same code.
            var isHere = group.Code == within;
            var isOpen = !isHere && selected?.StartsWith(group.Code, StringComparison.Ordinal) == true
                && selected.Length > group.Code.Length;
            // Names are known down to the county; below it the code tells places apart.
            var name = isHere ? words["place-itself"]
                : group.Code.Length <= 6 && group.Name.Length > 0 ? group.Name : group.Code;
            rows.Add(new(group.Code + (isHere ? "-" : ""), $"/organisations/by-place?division={group.Code}{Day(asOf)}",
                level, i + 1, groups.Count, name)
            {
                Count = words["count", group.Organisations],
                IsSelected = !isHere && selected == group.Code,
                IsOpen = isOpen,
                Load = isHere || group.Code.Length >= 12 ? null
                    : $"/organisations/place-rows?within={group.Code}&level={level + 1}{Day(asOf)}",
            });
            if (isOpen) rows.AddRange(await PlacesAsync(group.Code, level + 1, selected, asOf, ct));
        }
        return rows;
    }

    /// <summary>Industries, as rows.</summary>
    public async Task<IReadOnlyList<TreeRow>> SectorsAsync(string? selected, DateOnly? asOf, CancellationToken ct)
    {
        var groups = await api.GetAsync<List<GroupLine>>($"organisations/by-sector?within={Day(asOf)}", ct);
        return [.. groups.Select((g, i) => new TreeRow(g.Code,
            $"/organisations/by-sector?sector={g.Code}{Day(asOf)}", 1, i + 1, groups.Count, g.Name)
        {
            Count = words["count", g.Organisations],
            IsSelected = g.Code == selected,
        })];
    }

    internal static void Map(IEndpointRouteBuilder app)
    {
        app.MapGet("/organisations/rows", (Guid parent, int level, string? after, int? at, int? of, DateOnly? asOf,
            OrganisationTree tree, HttpContext http) => AnswerAsync(() => tree.LevelAsync(parent, level, after, at ?? 0,
                of ?? 0, asOf, http.RequestAborted))).RequireAuthorization();
        app.MapGet("/organisations/place-rows", (string within, int level, DateOnly? asOf, OrganisationTree tree,
            HttpContext http) => AnswerAsync(() => tree.PlacesAsync(within, level, null, asOf, http.RequestAborted)))
            .RequireAuthorization();
    }

    private static async Task<IResult> AnswerAsync(Func<Task<IReadOnlyList<TreeRow>>> read)
    {
        try
        {
            return new RazorComponentResult<TreeRows>(new { Rows = await read() });
        }
        catch (NodeProblemException e)
        {
            return Results.StatusCode(e.Problem.Status);
        }
    }

    private async Task AddAsync(List<TreeRow> rows, TreeNode? parent, int level, string? wanted, DateOnly? asOf,
        CancellationToken ct)
    {
        var page = await ReadAsync(parent?.Id, null, LevelRows, asOf, ct);
        var of = parent?.Children ?? page.Items.Count;
        foreach (var (node, i) in page.Items.Select((n, i) => (n, i)))
            await AddNodeAsync(rows, node, level, i + 1, of, wanted, asOf, ct);
        if (page.Next is not { } next || parent is null) return;
        rows.Add(More(parent.Id, level, next, page.Items.Count, of, asOf));
        // What is selected stands further on: it is shown below the row that stands for those between.
        if (ChildPath(parent.Path, wanted) is not { } far
            || string.CompareOrdinal(far, page.Items[^1].Path) <= 0) return;
        var there = await ReadAsync(parent.Id, far[..^1], 1, asOf, ct);
        foreach (var node in there.Items.Where(n => n.Path == far))
            await AddNodeAsync(rows, node, level, 0, of, wanted, asOf, ct);
    }

    private async Task AddNodeAsync(List<TreeRow> rows, TreeNode node, int level, int at, int of, string? wanted,
        DateOnly? asOf, CancellationToken ct)
    {
        var isOpen = node.Children > 0 && (wanted?.StartsWith(node.Path, StringComparison.Ordinal) ?? of == 1);
        rows.Add(Row(node, level, at, of, isOpen, wanted, asOf));
        if (isOpen) await AddAsync(rows, node, level + 1, wanted, asOf, ct);
    }

    /// <summary>Path of the child of <paramref name="parent"/> that is, or stands above, what is wanted.</summary>
    private static string? ChildPath(string parent, string? wanted)
    {
        if (wanted is null || wanted.Length <= parent.Length || !wanted.StartsWith(parent, StringComparison.Ordinal))
            return null;
        return wanted[..(wanted.IndexOf('/', parent.Length) + 1)];
    }

    private Task<ListPage<TreeNode>> ReadAsync(Guid? parent, string? after, int size, DateOnly? asOf,
        CancellationToken ct) => api.GetAsync<ListPage<TreeNode>>($"organisations/tree?size={size}"
            + (parent is null ? "" : $"&parentId={parent}") + (asOf is { } day ? $"&asOf={Say.Iso(day)}" : "")
            + (after is null ? "" : $"&after={Uri.EscapeDataString(after)}"), ct);

    private TreeRow Row(TreeNode node, int level, int at, int of, bool isOpen, string? wanted, DateOnly? asOf)
    {
        var (mark, kind) = OrganisationMark.Of(node.Type);
        return new($"{node.Id}", Address(node.Id, asOf), level, at, of, node.Name)
        {
            Mark = words[$"mark-{mark}"],
            MarkKind = kind,
            Load = node.Children == 0 ? null
                : $"/organisations/rows?parent={node.Id}&level={level + 1}&of={node.Children}{Day(asOf)}",
            IsOpen = isOpen,
            IsSelected = node.Path == wanted,
            Alarm = string.Join('、', node.Alarms.Select(a => words[$"alarm-{a}"].Value)),
            Count = node.Members is { } people ? words["people", people]
                : node.Children > 0 ? words["count", node.Children] : "",
        };
    }

    private TreeRow More(Guid parent, int level, string after, int at, int of, DateOnly? asOf)
    {
        var from = $"after={Uri.EscapeDataString(after)}";
        return new($"more-{parent}-{at}", $"{Address(parent, asOf)}{(asOf is null ? '?' : '&')}{from}", level, 0, of,
            words["more-rows", Math.Max(of - at, 0)])
        {
            IsMore = true,
            Load = $"/organisations/rows?parent={parent}&level={level}&of={of}&at={at}&{from}{Day(asOf)}",
        };
    }

    internal static string Address(Guid id, DateOnly? asOf) =>
        $"/organisations/{id}{(asOf is { } day ? $"?asOf={Say.Iso(day)}" : "")}";

    /// <summary>The day as a further parameter of an address.</summary>
    internal static string Day(DateOnly? asOf) => asOf is { } day ? $"&asOf={Say.Iso(day)}" : "";
}

/// <summary>The sign of a type of organisation: what kind of body it is. Source: Appendix D.</summary>
internal static class OrganisationMark
{
    /// <summary>Word of the sign, and committee, mobile or null.</summary>
    public static (string Word, string? Kind) Of(string type) => type switch
    {
        "WCM" or "GCM" or "NPC" => ("committee", "committee"),
        "MCM" or "OMC" or "OWC" or "TBR" or "MKT" or "NWH" or "OBR" => ("mobile", "mobile"),
        "MGR" or "GRP" => ("group", null),
        "GBR" or "JGB" or "OGB" => ("general", null),
        "JBR" or "BLD" or "PRK" or "VEJ" => ("joint", null),
        _ => ("branch", null),
    };
}
