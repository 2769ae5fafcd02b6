using System.Collections.Frozen;
using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Platform.Hosting;
using Platform.Kernel;
using Registry.Members;
using Registry.Mobility;
using Registry.Service.Persistence;

namespace Registry.Service.Capabilities;

/// <summary>
/// Who changed what, and who looked: for auditors, and for members about their own record. Source: P5, M-100.
/// </summary>
internal static class TrailApi
{
    /// <param name="ActorOffice">Name of the office; "" where this node keeps none at that path.</param>
    /// <param name="Body">From what to what; null for reads and for members reading who looked.</param>
    public sealed record TrailReply(DateTimeOffset At, string ActorName, string ActorOrg, string ActorOffice,
        string? OnBehalfOf, string Action, string? Reason, JsonNode? Body, string? TraceId, long? Position);

    private static readonly FrozenSet<string> Hidden = MemberFields.All.Where(f => f.Sensitive).Select(f => f.Name)
        .Concat(["caseKey", "hostContact", "homeContact", "familyContact"]).ToFrozenSet(StringComparer.Ordinal);

    private sealed record OfficeName(string Path, string Name);

    public static void MapTrail(this IEndpointRouteBuilder api)
    {
        foreach (var (things, missing) in new[]
            { ("members", MemberDecider.NotFound), ("cases", CaseProblems.NotFound), ("exports", ExportNotFound) })
        {
            api.MapGet($"/{things}/{{id:guid}}/trail", (Guid id, Guid? after, int? size, bool? newest, bool? others,
                RegistryDb db, CallerContext context, FieldCipher cipher, RegistryOptions options,
                CancellationToken ct) => RunAsync(id, missing, new(after, size, newest == true, others == true), db,
                    context, cipher, options, ct)).WithTags("trail");
        }
    }

    /// <param name="Newest">Newest first; oldest first without it.</param>
    /// <param name="Others">Without what the caller did.</param>
    private sealed record Asked(Guid? After, int? Size, bool Newest, bool Others);

    private static async Task<Page<TrailReply>> RunAsync(Guid id, Problem missing, Asked asked, RegistryDb db,
        CallerContext context, FieldCipher cipher, RegistryOptions options, CancellationToken ct)
    {
        var caller = context.Current;
        var own = caller.MemberId == id;
        if (!own) caller.RequireRole(Access.SeeTrail);
        var take = Paging.Size(asked.Size, options);
        var list = db.Set<AuditRow>().AsNoTracking().Where(a => a.SubjectId == id);
        if (asked.Others) list = list.Where(a => a.Actor != caller.Subject);
        if (asked.After is { } last) list = asked.Newest ? list.Where(a => a.Id < last) : list.Where(a => a.Id > last);
        var rows = await (asked.Newest ? list.OrderByDescending(a => a.Id) : list.OrderBy(a => a.Id)).Take(take + 1)
            .ToListAsync(ct);
        if (rows.Count == 0 && asked is { After: null, Others: false }) throw new ProblemException(missing);
        foreach (var row in rows.Where(_ => !own)) caller.Require(row.SubjectPath, Access.SeeTrail);
        if (!own && rows is [var any, ..])
        {
            db.RecordRead(any.SubjectKind, id, any.SubjectPath, "TrailShown");
            await db.SaveReadsAsync(ct);
        }
        var page = Paging.Of(rows, take, a => a.Id.ToString());
        string[] paths = [.. page.Items.Select(a => a.ActorOrg).Distinct()];
        var offices = await db.Database.SqlQuery<OfficeName>($"select path, name from office_names({paths})")
            .ToDictionaryAsync(o => o.Path, o => o.Name, ct);
        return new([.. page.Items.Select(a => new TrailReply(a.At, a.ActorName, a.ActorOrg,
            offices.GetValueOrDefault(a.ActorOrg, ""), a.OnBehalfOf, a.Action, a.Reason,
            own || a.Body is null ? null : Masked(cipher.Decrypt(a.Body, "audit")),
            a.TraceId, a.Position))], page.Next);
    }

    /// <summary>From what to what, without what is masked everywhere: that it changed is seen, what it is is not.
    /// </summary>
    private static JsonNode? Masked(byte[] body)
    {
        var root = JsonNode.Parse(body);
        var open = new Stack<JsonNode?>([root]);
        while (open.TryPop(out var node))
        {
            if (node is JsonArray list) foreach (var item in list) open.Push(item);
            if (node is not JsonObject thing) continue;
            var change = thing.TryGetPropertyValue("field", out var field) && Hidden.Contains(Text(field));
            foreach (var (name, value) in thing.ToList())
            {
                if (value is JsonArray or JsonObject) open.Push(value);
                else if (Text(value).Length > 0 && (Hidden.Contains(name) || (change && (name is "from" or "to"))))
                    thing[name] = new string('*', 6);
            }
        }
        return root;
    }

    private static string Text(JsonNode? node) =>
        node is JsonValue value && value.TryGetValue<string>(out var text) ? text : "";

    private static Problem ExportNotFound { get; } = new(ProblemKind.NotFound, "EXPORT_NOT_FOUND",
        "There is no such export in your part of the tree.", "您的管理范围内没有这次导出。");
}
