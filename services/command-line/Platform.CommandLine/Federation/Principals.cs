using Platform.CommandLine.Topologies;

namespace Platform.CommandLine.Federation;

/// <summary>A token of the demo under a short file name, and the account for signing in to the console.</summary>
public sealed record DemoPrincipal(Node Node, string FileName, string UserName, Principal Principal);

/// <summary>Who can sign in at the demo. Obviously invented: offices, not people.</summary>
public static class Principals
{
    public static IEnumerable<DemoPrincipal> Of(Topology topology) => topology.Nodes.SelectMany(Of);

    public static IEnumerable<DemoPrincipal> Of(Node node)
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
        yield return Make(node, node.Code, "system-administrator", "系统管理员");
        yield return Make(node, node.Code, "security-administrator", "安全管理员");
    }

    private static IEnumerable<string> Regions(Node node) => node.Regions.Select(r => r.PadRight(6, '0'));

    private static DemoPrincipal Make(Node node, string region, string role, string title)
    {
        var name = $"演示{title}-{region}";
        var word = role switch
        {
            "committee-clerk" => "clerk",
            "tier-administrator" => "administrator",
            "system-administrator" => "system",
            "security-administrator" => "security",
            _ => role,
        };
        return new(node, $"{region}-{role}", $"{word}-{region}", new(
            TokenIssuer.SubjectOf(node, name), name, TokenIssuer.OrganisationOf(region), [role]));
    }
}
