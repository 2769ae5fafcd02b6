using Registry.Service.Reference;

namespace Registry.Service.Capabilities;

/// <summary>What the type table says about organisation types.</summary>
internal static class OrganisationTypes
{
    public static IReadOnlySet<string> All { get; } =
        ReferenceData.Codes["organisation-type"].Entries.Select(e => e.Code).ToHashSet();

    /// <summary>Types that members are placed in.</summary>
    public static IReadOnlyList<string> HoldingMembers { get; } = With("holds-members");

    /// <summary>Types made for mobile members.</summary>
    public static IReadOnlyList<string> Mobile { get; } = With("mobile");

    private static string[] With(string flag) => [.. ReferenceData.Codes["organisation-type"].Entries
        .Where(e => e.Flags.Contains(flag)).Select(e => e.Code)];
}
