using System.Collections.Immutable;
using System.Diagnostics;
using System.Globalization;
using Platform.Kernel;

namespace Registry.Search;

/// <summary>
/// A question to one of the lists that somebody keeps under a name, for themselves or for everybody below their
/// organisation. It holds no words of people: see <see cref="FilterLists"/>. Source: R-166.
/// </summary>
public sealed record SavedFilter
{
    public required Guid Id { get; init; }

    /// <summary>Account that keeps it; unique together with the name.</summary>
    public required Guid Owner { get; init; }
    public required string OwnerName { get; init; }

    /// <summary>Path of the organisation it was kept at; shared, it is seen there and below.</summary>
    public required string Path { get; init; }

    /// <summary>1 to <see cref="FilterDecider.NameMax"/> characters, no long number.</summary>
    public required string Name { get; init; }

    /// <summary>One of <see cref="FilterLists.All"/>; never changes.</summary>
    public required string List { get; init; }

    /// <summary>Parameters of the list as its address takes them; a word may repeat.</summary>
    public required IReadOnlyDictionary<string, ImmutableArray<string>> Parameters { get; init; }
    public bool Shared { get; init; }
    public required DateTimeOffset SavedAt { get; init; }

    /// <summary>Nobody sees it any more; the trail stays.</summary>
    public bool Deleted { get; init; }

    /// <summary>Where the list is, ready to be opened.</summary>
    public string Address => string.Concat($"/api/v1/{List}", Parameters.Count == 0 ? "" : "?", string.Join('&',
        Parameters.OrderBy(p => p.Key, StringComparer.Ordinal).SelectMany(p => p.Value.Select(v => $"{p.Key}={v}"))));
}

/// <summary>What happened to a filter.</summary>
public abstract record FilterEvent;

/// <summary>It is kept from now on.</summary>
public sealed record FilterKept(SavedFilter Filter) : FilterEvent;

/// <summary>Name, parameters or sharing changed.</summary>
public sealed record FilterChanged(string Name, IReadOnlyDictionary<string, ImmutableArray<string>> Parameters,
    bool Shared) : FilterEvent;

/// <summary>It is gone for everybody.</summary>
public sealed record FilterDeleted : FilterEvent;

/// <summary>Rules of kept filters.</summary>
public static class FilterDecider
{
    /// <summary>Longest name of a filter, UTF-16 units.</summary>
    public const int NameMax = 50;

    /// <summary>Filters one account may keep.</summary>
    public const int OwnMax = 100;

    /// <summary>FILTER_NOT_FOUND: none, or one that is not shown to the caller.</summary>
    public static Problem NotFound { get; } = new(ProblemKind.NotFound, "FILTER_NOT_FOUND",
        "There is no such filter for you.", "没有该筛选条件，或未与您共享。");

    /// <summary>Keeps a new one.</summary>
    /// <param name="existing">Null; anything else was kept under this id before.</param>
    /// <param name="own">How many the account keeps.</param>
    /// <param name="taken">The account keeps another one under that name.</param>
    /// <remarks>Problems, in order: FILTER_NAME_TAKEN, FILTERS_TOO_MANY.</remarks>
    public static Decision<FilterEvent> Keep(SavedFilter? existing, SavedFilter filter, int own, bool taken) =>
        existing is not null ? Array.Empty<FilterEvent>()
        : taken ? NameTaken
        : own >= OwnMax ? new Problem(ProblemKind.Precondition, "FILTERS_TOO_MANY",
            $"One account keeps at most {OwnMax} filters; delete one first.", $"每个账号最多保存 {OwnMax} 个筛选条件，请先删除。")
        : new FilterKept(filter);

    /// <summary>Renames, changes the parameters, shares or takes back.</summary>
    /// <param name="taken">The owner keeps another one under the new name.</param>
    /// <remarks>Problems, in order: FILTER_NOT_FOUND, FILTER_NAME_TAKEN.</remarks>
    public static Decision<FilterEvent> Change(SavedFilter? filter, FilterChanged to, bool taken) =>
        filter is not { Deleted: false } ? NotFound
        : taken ? NameTaken
        : to;

    /// <summary>Deletes one that nobody else uses any more.</summary>
    /// <remarks>Problems, in order: FILTER_NOT_FOUND, FILTER_SHARED.</remarks>
    public static Decision<FilterEvent> Delete(SavedFilter? filter) => filter switch
    {
        not { Deleted: false } => NotFound,
        { Shared: true } => new Problem(ProblemKind.Precondition, "FILTER_SHARED",
            "Others use this filter; stop sharing it first.", "该筛选条件正与他人共享，请先取消共享。"),
        _ => new FilterDeleted(),
    };

    /// <summary>Folds one event into the state.</summary>
    public static SavedFilter Evolve(SavedFilter? state, FilterEvent happened) => (state, happened) switch
    {
        (null, FilterKept e) => e.Filter,
        ({ } f, FilterChanged e) => f with { Name = e.Name, Parameters = e.Parameters, Shared = e.Shared },
        ({ } f, FilterDeleted) => f with { Deleted = true },
        _ => throw new UnreachableException($"{happened.GetType().Name} cannot follow {state}"),
    };

    private static Problem NameTaken { get; } = new(ProblemKind.Precondition, "FILTER_NAME_TAKEN",
        "A filter of that name is kept already.", "已有同名的筛选条件。");
}

/// <summary>
/// The lists whose questions may be kept, and what each parameter may hold: ids, codes, days and words of the platform.
/// Nothing that people type about people has a place in it. Source: R-166.
/// </summary>
public static class FilterLists
{
    /// <summary>Values one parameter may have.</summary>
    public const int ValuesMax = 20;

    private static readonly string[] Agreements =
        ["matched", "homeOnly", "hostOnly", "differs", "settled"];

    private static readonly string[] Sides = ["home", "host"];

    /// <summary>List (its address below <c>/api/v1</c>) to parameter to what a value must be.</summary>
    public static ImmutableDictionary<string, ImmutableDictionary<string, Func<string, bool>>> All { get; } =
        new Dictionary<string, ImmutableDictionary<string, Func<string, bool>>>
        {
            ["members"] = Of(("branchId", IsId), ("standing", One("full", "probationary"))),
            ["organisations"] = Of(("parentId", IsId)),
            ["reconciliation"] = Of(("agreement", One(Agreements)), ("side", One(Sides)), ("nextBy", One(Sides)),
                ("nextStep", IsWord), ("region", IsRegion), ("olderThanDays", IsDays),
                ("turn", One("ours", "theirs")), ("due", One("soon", "overdue"))),
            ["mirrors"] = Of(("agreement", One(Agreements)), ("pastLimit", One("true", "false")), ("region", IsRegion),
                ("side", One(Sides))),
            ["figures"] = Of(("organisationId", IsId), ("region", IsRegion), ("on", IsDay)),
            ["figures/list"] = Of(("figure", IsWord), ("organisationId", IsId), ("region", IsRegion), ("on", IsDay)),
            ["attention"] = Of(("kind", IsWord), ("under", IsId)),
        }.ToImmutableDictionary(StringComparer.Ordinal);

    /// <summary>Parameters that the list does not take, or whose values are not as they must be; "list" when there is
    /// no such list.</summary>
    public static IReadOnlyList<string> Faults(string list,
        IReadOnlyDictionary<string, ImmutableArray<string>> parameters)
    {
        ArgumentNullException.ThrowIfNull(list);
        ArgumentNullException.ThrowIfNull(parameters);
        return !All.TryGetValue(list, out var known) ? ["list"]
            : [.. parameters.Where(p => p.Value.IsDefaultOrEmpty || p.Value.Length > ValuesMax
                || !known.TryGetValue(p.Key, out var holds) || !p.Value.All(holds))
                .Select(p => p.Key).Order(StringComparer.Ordinal)];
    }

    private static ImmutableDictionary<string, Func<string, bool>> Of(
        params (string Name, Func<string, bool> Holds)[] parameters) =>
        parameters.ToImmutableDictionary(p => p.Name, p => p.Holds, StringComparer.Ordinal);

    private static Func<string, bool> One(params string[] words) => words.Contains;

    private static bool IsId(string value) => Guid.TryParseExact(value, "D", out _);

    private static bool IsWord(string value) => value is { Length: > 0 and <= 40 } && value.All(char.IsAsciiLetter);

    private static bool IsRegion(string value) => value is { Length: 6 } && value.All(char.IsAsciiDigit);

    private static bool IsDays(string value) =>
        value is { Length: > 0 and <= 5 } && value.All(char.IsAsciiDigit);

    private static bool IsDay(string value) => DateOnly.TryParseExact(value, "yyyy-MM-dd",
        CultureInfo.InvariantCulture, DateTimeStyles.None, out _);
}
