using Platform.Hosting;
using Platform.Kernel;
using Registry.Members;
using Registry.Mobility;
using Registry.Organisations;

namespace Registry.Service.Capabilities;

/// <summary>Pages by position, never by offset: the next page starts after the last row shown.</summary>
internal static class Paging
{
    /// <summary>Rows to take: what was asked for within the limit, 50 when nothing was.</summary>
    /// <exception cref="ProblemException">PAGE_SIZE_OUT_OF_RANGE.</exception>
    public static int Size(int? asked, RegistryOptions options) => asked is null ? Math.Min(50, options.PageSizeMax)
        : asked > 0 && asked <= options.PageSizeMax ? asked.Value
        : throw new ProblemException(ProblemMap.PageSizeOutOfRange(options.PageSizeMax));

    /// <summary>A page from one row more than it shows.</summary>
    public static Page<T> Of<T>(List<T> rows, int take, Func<T, string> position) =>
        rows.Count <= take ? new(rows, null)
        : new(rows[..take], position(rows[take - 1]));

    /// <summary>Splits a position of (instant, id).</summary>
    /// <exception cref="ProblemException">PAGE_POSITION_MALFORMED.</exception>
    public static (DateTimeOffset At, Guid Id)? Position(string? after)
    {
        if (string.IsNullOrEmpty(after)) return null;
        var split = after.Split('_');
        return split.Length == 2 && long.TryParse(split[0], out var ticks)
            && ticks is > 0 and < 3_155_378_975_999_999_999
            && Guid.TryParse(split[1], out var id) ? (new DateTimeOffset(ticks, TimeSpan.Zero), id)
            : throw new ProblemException(Malformed);
    }

    /// <summary>Splits a position of (path, id); null at the beginning.</summary>
    /// <exception cref="ProblemException">PAGE_POSITION_MALFORMED.</exception>
    public static (string Path, T Id)? Position<T>(string? after) where T : struct, IParsable<T>
    {
        if (string.IsNullOrEmpty(after)) return null;
        var split = after.Split('_'); // No path has one.
        return split.Length == 2 && Caller.IsPath(split[0])
            && T.TryParse(split[1], System.Globalization.CultureInfo.InvariantCulture, out var id)
            ? (split[0], id) : throw new ProblemException(Malformed);
    }

    /// <summary>PAGE_POSITION_MALFORMED.</summary>
    public static Problem Malformed { get; } = new(ProblemKind.Invalid, "PAGE_POSITION_MALFORMED",
        "after is the value of next of the page before.", "after 应为上一页返回的 next。");

    /// <summary>The position of a row by (instant, id).</summary>
    public static string Position(DateTimeOffset at, Guid id) => $"{at.UtcTicks}_{id}";

    // A range on the path uses the index; a prefix function would not, behind row-level security.
    public static IQueryable<Organisation> InScope(this IQueryable<Organisation> rows, string scope) =>
        rows.Where(o => string.Compare(o.Path, scope) >= 0 && string.Compare(o.Path, scope + "~") < 0);

    public static IQueryable<Member> InScope(this IQueryable<Member> rows, string scope) =>
        rows.Where(m => string.Compare(m.BranchPath, scope) >= 0 && string.Compare(m.BranchPath, scope + "~") < 0);

    public static IQueryable<CaseMirror> InScope(this IQueryable<CaseMirror> rows, string scope) =>
        rows.Where(m => string.Compare(m.CommonPath, scope) >= 0 && string.Compare(m.CommonPath, scope + "~") < 0);
}
