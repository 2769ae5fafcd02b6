using System.Collections.Immutable;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Search;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Questions to lists, kept under a name and shared with everybody below an organisation. Source: R-166.
/// </summary>
internal static class SavedFiltersApi
{
    /// <param name="Name">1 to 50 characters; no number of seven or more digits.</param>
    /// <param name="List">Address of the list below <c>/api/v1</c>.</param>
    /// <param name="Parameters">As the list's address takes them.</param>
    /// <param name="Shared">With everybody at the caller's organisation and below.</param>
    public sealed record KeepRequest(string Name, string List,
        IReadOnlyDictionary<string, ImmutableArray<string>> Parameters, bool Shared = false);

    /// <summary>What is left out stays.</summary>
    public sealed record ChangeRequest(string? Name = null,
        IReadOnlyDictionary<string, ImmutableArray<string>>? Parameters = null, bool? Shared = null);

    /// <param name="Own">The caller keeps it; others' are shared ones.</param>
    /// <param name="Address">Opens the list.</param>
    public sealed record FilterReply(Guid Id, string Name, string List,
        IReadOnlyDictionary<string, ImmutableArray<string>> Parameters, bool Shared, bool Own, string OwnerName,
        string Path, string Address);

    public static void MapSavedFilters(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/filters").WithTags("filters");
        group.MapPost("", KeepAsync);
        group.MapGet("", ListAsync);
        group.MapPatch("/{id:guid}", ChangeAsync);
        group.MapDelete("/{id:guid}", DeleteAsync);
    }

    private static async Task<FilterReply> KeepAsync(KeepRequest body, CommandId command, RegistryDb db,
        CallerContext context, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.KeepFilters);
        var input = new Input();
        var name = Name(input, body.Name);
        Judge(input, body.List, body.Parameters);
        input.ThrowIfAny();
        var filter = new SavedFilter
        {
            Id = command.Value,
            Owner = caller.Subject,
            OwnerName = caller.Name,
            Path = caller.Org,
            Name = name,
            List = body.List,
            Parameters = body.Parameters,
            Shared = body.Shared,
            SavedAt = clock.GetUtcNow(),
        };
        var own = db.Set<SavedFilter>().Where(f => f.Owner == caller.Subject && !f.Deleted && f.Id != command.Value);
        var (count, taken) = (await own.CountAsync(ct), await own.AnyAsync(f => f.Name == name, ct));
        return ReplyOf(await SaveAsync(db, command, command.Value,
            existing => FilterDecider.Keep(existing, filter, count, taken), ct), caller);
    }

    private static async Task<FilterReply> ChangeAsync(Guid id, ChangeRequest body, CommandId command, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var caller = context.Current;
        var filter = await FindAsync(db, id, caller, ct);
        var input = new Input();
        var name = body.Name is null ? filter.Name : Name(input, body.Name);
        if (body.Parameters is not null) Judge(input, filter.List, body.Parameters);
        input.ThrowIfAny();
        var taken = await db.Set<SavedFilter>()
            .AnyAsync(f => f.Owner == filter.Owner && !f.Deleted && f.Id != id && f.Name == name, ct);
        var to = new FilterChanged(name, body.Parameters ?? filter.Parameters, body.Shared ?? filter.Shared);
        return ReplyOf(await SaveAsync(db, command, id, existing => FilterDecider.Change(existing, to, taken), ct),
            caller);
    }

    private static async Task<IResult> DeleteAsync(Guid id, CommandId command, RegistryDb db, CallerContext context,
        CancellationToken ct)
    {
        await FindAsync(db, id, context.Current, ct);
        await SaveAsync(db, command, id, FilterDecider.Delete, ct);
        return Results.NoContent();
    }

    /// <summary>The caller's own by name, then what is shared with the caller, by organisation and name.</summary>
    private static async Task<IReadOnlyList<FilterReply>> ListAsync(string? list, bool? shared, RegistryDb db,
        CallerContext context, CancellationToken ct)
    {
        var caller = context.Current;
        caller.RequireRole(Access.KeepFilters);
        var rows = db.Set<SavedFilter>().AsNoTracking().Where(f => !f.Deleted);
        if (shared != true) rows = rows.Where(f => f.Owner == caller.Subject || f.Shared);
        else rows = rows.Where(f => f.Shared);
        if (!string.IsNullOrEmpty(list)) rows = rows.Where(f => f.List == list);
        return [.. (await rows.ToListAsync(ct)).Where(f => f.Owner == caller.Subject || caller.IsBelow(f.Path))
            .OrderBy(f => f.Owner != caller.Subject).ThenBy(f => f.Path, StringComparer.Ordinal)
            .ThenBy(f => f.Name, StringComparer.Ordinal).Select(f => ReplyOf(f, caller))];
    }

    /// <summary>One's own, or a shared one of one's own part of the tree.</summary>
    private static async Task<SavedFilter> FindAsync(RegistryDb db, Guid id, Caller caller, CancellationToken ct)
    {
        caller.RequireRole(Access.KeepFilters);
        var filter = await db.Set<SavedFilter>().SingleOrDefaultAsync(f => f.Id == id, ct)
            ?? throw new ProblemException(FilterDecider.NotFound);
        if (filter.Owner == caller.Subject) return filter;
        if (!filter.Shared) throw new ProblemException(FilterDecider.NotFound);
        caller.Require(filter.Path, Access.KeepFilters);
        return filter;
    }

    private static Task<SavedFilter> SaveAsync(RegistryDb db, CommandId command, Guid id,
        Func<SavedFilter?, Decision<FilterEvent>> decide, CancellationToken ct) =>
        db.CommitAsync(command.Value, id, new Change<SavedFilter, FilterEvent>("saved-filter", decide,
            FilterDecider.Evolve, f => f.Path, (_, _, _) => []), ct);

    private static string Name(Input input, string? value)
    {
        var name = input.Text(value, "name", FilterDecider.NameMax);
        var (run, longest) = (0, 0);
        foreach (var c in name) longest = Math.Max(longest, run = char.IsDigit(c) ? run + 1 : 0);
        input.Must(longest < 7, "name", "A_NUMBER", "No number of a person: six digits in a row at most.",
            "名称中不能含有证件号码或电话号码，连续数字最多 6 位。");
        return name;
    }

    private static void Judge(Input input, string? list,
        IReadOnlyDictionary<string, ImmutableArray<string>>? parameters)
    {
        foreach (var fault in FilterLists.Faults(list ?? "", parameters ?? ImmutableDictionary<string,
            ImmutableArray<string>>.Empty))
        {
            input.Must(false, fault == "list" ? fault : $"parameters.{fault}", "NOT_A_FILTER",
                "Not a list, or not a parameter and value of that list; names and numbers of people cannot be kept.",
                "不是可保存的列表，或该列表没有此参数和取值；不能保存个人姓名和号码。");
        }
    }

    private static FilterReply ReplyOf(SavedFilter f, Caller caller) => new(f.Id, f.Name, f.List, f.Parameters,
        f.Shared, f.Owner == caller.Subject, f.OwnerName, f.Path, f.Address);
}
