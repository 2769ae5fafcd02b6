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

    /// <summary>General branches: the members below them count.</summary>
    public static IReadOnlyList<string> General { get; } = With("general-branch");

    /// <summary>Types that several units share.</summary>
    public static IReadOnlyList<string> Joint { get; } = With("joint");

    /// <summary>Types built by the home side at the host.</summary>
    public static IReadOnlyList<string> Outpost { get; } = With("outpost");

    /// <summary>Grassroots committees.</summary>
    public static IReadOnlyList<string> Grassroots { get; } = With("grassroots");

    private static string[] With(string flag) => [.. ReferenceData.Codes["organisation-type"].Entries
        .Where(e => e.Flags.Contains(flag)).Select(e => e.Code)];
}
