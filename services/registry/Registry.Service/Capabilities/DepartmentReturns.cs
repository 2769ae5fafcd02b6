using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Registry.Organisations;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Numbers other departments know (public security, labour, ...) beside the register's own: how a city finds out its
/// true base number. Source: M-009, M-281.
/// </summary>
internal static class DepartmentReturnsApi
{
    /// <param name="Members">Mobile members the department knows of on the day.</param>
    public sealed record ReturnRequest(string Department, DateOnly OnDay, int Members, string? Note = null);

    /// <param name="Difference">The department's number less the register's, of the same day.</param>
    public sealed record DepartmentLine(string Department, DateOnly OnDay, int Members, long Registered,
        long Difference);

    /// <param name="Registered">Come in and going out as registered on the day asked for.</param>
    /// <param name="Silent">Departments that have never reported.</param>
    public sealed record BaseNumberReply(DateOnly On, long Registered, IReadOnlyList<DepartmentLine> Departments,
        IReadOnlyList<string> Silent);

    public static void MapDepartmentReturns(this IEndpointRouteBuilder api)
    {
        var group = api.MapGroup("/organisations/{id:guid}").WithTags("departments");
        group.MapPost("/department-returns", ReportAsync);
        group.MapGet("/base-number", CompareAsync);
    }

    private static async Task<DepartmentReturn> ReportAsync(Guid id, ReturnRequest body, CommandId command,
        RecordDesk desk, TimeProvider clock, CancellationToken ct)
    {
        var organisation = await desk.ForAsync(id, Access.KeepRecords, ct);
        var input = new Input();
        input.Must(body.Members is >= 0 and <= 100_000_000, "members", "OUT_OF_RANGE", "Between 0 and 100,000,000.",
            "须在 0 至 100000000 之间。");
        var reported = new DepartmentReturn
        {
            Id = command.Value,
            Path = organisation.Path,
            OrganisationId = id,
            Department = input.Code("department", body.Department, "department"),
            OnDay = input.Past(body.OnDay, "onDay", Today.In(clock)),
            Members = body.Members,
            Note = input.Optional(body.Note, "note", 200),
        };
        input.ThrowIfAny();
        return await desk.KeepAsync(command, "department-return", organisation, reported, true, r => r.Path, ct);
    }

    /// <summary>The newest number of each department beside what the register says of the same day.</summary>
    private static async Task<BaseNumberReply> CompareAsync(Guid id, DateOnly? on, RegistryDb db, FigureDesk figures,
        TimeProvider clock, CancellationToken ct)
    {
        var asked = await figures.AskAsync(id, null, on, null, ct);
        var newest = await db.Set<DepartmentReturn>().AsNoTracking().Where(r => r.OrganisationId == id
            && r.OnDay <= asked.Day && !db.Set<DepartmentReturn>().Any(n => n.OrganisationId == id
                && n.Department == r.Department && n.OnDay <= asked.Day
                && (n.OnDay > r.OnDay || (n.OnDay == r.OnDay && n.Id > r.Id))))
            .OrderBy(r => r.Department).ToListAsync(ct);
        var lines = new List<DepartmentLine>();
        foreach (var r in newest)
        {
            var registered = await RegisteredAsync(figures, asked with { Day = r.OnDay }, ct);
            lines.Add(new(r.Department, r.OnDay, r.Members, registered, r.Members - registered));
        }
        return new(asked.Day, await RegisteredAsync(figures, asked, ct), lines,
            [.. Reference.ReferenceData.Codes["department"].Entries.Select(e => e.Code)
                .Except(newest.Select(r => r.Department))]);
    }

    // Who is mobile here and who has come in, the short-term ones included: departments do not wait six months.
    private static async Task<long> RegisteredAsync(FigureDesk figures, FigureQuestion asked, CancellationToken ct) =>
        (await figures.CountAsync(asked, ct)).Where(c => c.Value is null && c.Code is "in" or "shortIn" or "within")
            .Sum(c => c.Count);
}
