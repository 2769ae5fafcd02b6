using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>A token of the demo under a short file name.</summary>
public sealed record DemoPrincipal(Node Node, string FileName, Principal Principal);

/// <summary>Who can sign in at the demo. Obviously invented: offices, not people.</summary>
public static class Principals
{
    public static IEnumerable<DemoPrincipal> Of(Topology topology) => topology.Nodes.SelectMany(Of);

    private static IEnumerable<DemoPrincipal> Of(Node node)
    {
        // A node may serve several counties; each has its own clerk.
        foreach (var region in Regions(node))
        {
            yield return Make(node, region, "committee-clerk", "党委工作人员");
        }

        yield return Make(node, node.Code, "tier-administrator", "管理员");
        yield return Make(node, node.Code, "analyst", "统计分析人员");
        yield return Make(node, node.Code, "auditor", "审计员");
        yield return Make(node, node.Code, "operator", "运维人员");
    }

    private static IEnumerable<string> Regions(Node node) => node.Regions.Select(r => r.PadRight(6, '0'));

    private static DemoPrincipal Make(Node node, string region, string role, string title)
    {
        var name = $"演示{title}-{region}";
        return new(node, $"{region}-{role}", new(
            TokenIssuer.SubjectOf(node, name), name, TokenIssuer.OrganisationOf(region), [role]));
    }
}
