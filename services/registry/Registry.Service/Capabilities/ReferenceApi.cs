using Platform.Hosting;
using Platform.Kernel;
using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>The closed lists behind forms: code tables and administrative divisions. No personal data.</summary>
internal static class ReferenceApi
{
    /// <param name="Flags">What the platform knows of the code, for example <c>outpost</c> of an organisation type.
    /// </param>
    public sealed record CodeReply(string Code, string Chinese, string English, IReadOnlyCollection<string> Flags);

    public sealed record DivisionReply(string Code, string Name);

    private static readonly Lazy<DivisionReply[]> Divisions = new(() => [.. ReferenceData.Divisions.All
        .Where(d => ReferenceData.Divisions.IsCurrent(d.Code)).OrderBy(d => d.Code, StringComparer.Ordinal)
        .Select(d => new DivisionReply(d.Code, d.Name))]);

    private static Problem NoTable { get; } = new(ProblemKind.NotFound, "CODE_TABLE_NOT_FOUND",
        "There is no code table of this name.", "没有这个名称的代码表。");

    public static void MapReference(this IEndpointRouteBuilder api)
    {
        api.MapGet("/code-tables/{name}", (string name, CallerContext context) =>
        {
            context.Current.RequireRole(Access.Everybody);
            var table = ReferenceData.Codes.Tables.SingleOrDefault(t => t.Name == name)
                ?? throw new ProblemException(NoTable);
            return table.Entries.Select(e => new CodeReply(e.Code, e.Chinese, e.English, e.Flags));
        }).WithTags("reference");
        api.MapGet("/divisions", (CallerContext context) =>
        {
            context.Current.RequireRole(Access.Everybody);
            return Divisions.Value;
        }).WithTags("reference");
    }
}
